/** What is remembered of keys, against a plain map: through commits, rollbacks, folding at any time and another start. */
import { ContentHash } from '../../src/bytes/content-hash';
import type { EventDraft } from '../../src/model/event';
import { type HeldKey, type KeyedRule, NULL_MEMBER } from '../../src/model/rows/row-hold';
import { HeldKeys, keyMembers } from '../../src/remember/held-keys';
import { Remember } from '../../src/remember/remember';
import { REMEMBER_SCHEMA } from '../../src/remember/schema';
import { Store } from '../../src/store/store';
import { Dice } from '../support/dice';

const TABLE = { library: 'LIB', name: 'T' };
const rules: KeyedRule[] = ['a', 'b'].map((rule) => ({ table: 'LIB/T', rule, key: ['id'], byNumber: false }));

let store: Store;
beforeEach(() => {
  store = Store.open(':memory:', [REMEMBER_SCHEMA]);
});
afterEach(() => store.close());

function keyOf(of: KeyedRule, text: string): HeldKey {
  const bytes = Buffer.from(`..${text}..`);
  return { of, bytes, keyFrom: 2, keyTo: bytes.length - 2 };
}

interface Sent {
  readonly id: string;
  readonly gone: boolean;
  readonly sequence: bigint | null;
}

function draft(key: HeldKey, { id, gone, sequence }: Sent): EventDraft {
  const receiver = { library: 'LIB', name: 'RCV1' };
  const holds = { ...key, gone, hashA: 7, hashB: -1 };
  return { id, position: sequence === null ? null : { receiver, sequence }, holds } as unknown as EventDraft;
}

test('random histories of sending, forgetting, meeting, rolling back and folding', () => {
  for (let round = 0; round < 40; round++) {
    const dice = new Dice(round);
    using file = Store.open(':memory:', [REMEMBER_SCHEMA]);
    let remember = new Remember(file);
    let model = new Map<string, { id: string; generation: number }>();
    let generation = 1;
    for (let unit = 0; unit < 30; unit++) {
      if (dice.next() < 0.1) remember = new Remember(file);
      if (dice.next() < 0.2) generation = HeldKeys.begin(file);
      const next = new Map([...model].map(([k, v]) => [k, { ...v }]));
      const work = (): void => {
        remember.begin();
        for (let i = dice.below(12); i > 0; i--) {
          const rule = rules[dice.below(2)]!;
          const key = keyOf(rule, `k${dice.below(9)}`);
          const name = `${rule.rule} ${key.bytes.toString().slice(2, -2)}`;
          const what = dice.below(5);
          const sequence = dice.next() < 0.5 ? BigInt(unit * 100 + i) : null;
          const prefix = String(dice.below(2)).repeat(20);
          const id = `${prefix}-${sequence ?? Buffer.from(`${unit}.${i}`.padEnd(12)).toString('hex')}`;
          if (what === 0) {
            remember.forget([key]);
            next.delete(name);
          } else if (what === 1) {
            remember.met([key]);
            if (next.has(name)) next.get(name)!.generation = generation;
          } else if (what === 2) {
            remember.staged(draft(key, { id, gone: true, sequence }));
            next.delete(name);
          } else {
            remember.staged(draft(key, { id, gone: false, sequence }));
            next.set(name, { id, generation });
          }
        }
        remember.end();
        if (dice.next() < 0.2) throw new Error('rolled back');
      };
      try {
        file.transaction(work);
        model = next;
      } catch (error) {
        if ((error as Error).message !== 'rolled back') throw error;
      }
      if (dice.next() < 0.3) remember.foldSome();
    }
    const held = new HeldKeys(file, TABLE);
    while (held.foldSome());
    const found = held
      .rules()
      .flatMap(({ no, rule }) =>
        held
          .page(no, null, 100)
          .map(
            ({ key, generation: g }) => [`${rule} ${key}`, { id: held.lastSent(no, key)!.id, generation: g }] as const,
          ),
      );
    expect(new Map(found)).toEqual(new Map([...model].sort()));
  }
});

test('keys older than a generation are found page by page, and judged again in the transaction', () => {
  const remember = new Remember(store);
  const sendAll = (texts: readonly string[]): void =>
    store.transaction(() => {
      remember.begin();
      for (const t of texts)
        remember.staged(draft(keyOf(rules[0]!, t), { id: `${'0'.repeat(20)}-1`, gone: false, sequence: 1n }));
      remember.end();
    });
  sendAll(['a', 'b', 'c', 'd']);
  const generation = HeldKeys.begin(store);
  sendAll(['b']);
  const held = new HeldKeys(store, TABLE);
  while (held.foldSome());
  const { no } = held.rules()[0]!;
  const old = held
    .page(no, null, 100)
    .filter((k) => k.generation < generation)
    .map((k) => k.key);
  expect(old.map(String)).toEqual(['a', 'c', 'd']);
  expect(held.page(no, Buffer.from('b'), 1).map((k) => String(k.key))).toEqual(['c']);
  store.transaction(() => remember.met([keyOf(rules[0]!, 'c')]));
  store.transaction(() => remember.forget([keyOf(rules[0]!, 'd')]));
  store.transaction(() => expect(held.stillOlder(no, old, generation).map(String)).toEqual(['a']));
});

test('a rule that names its rows by other members begins anew', () => {
  const remember = new Remember(store);
  const one = keyOf(rules[0]!, 'x');
  const renamed = { ...one, of: { ...rules[0]!, key: ['id', 'line'] } };
  for (const key of [one, renamed])
    store.transaction(() => {
      remember.begin();
      remember.staged(
        draft(
          { ...key, bytes: Buffer.from(`..${key.of.key.length}..`), keyTo: 3 },
          { id: `${'0'.repeat(20)}-1`, gone: false, sequence: 1n },
        ),
      );
      remember.end();
    });
  const held = new HeldKeys(store, TABLE);
  while (held.foldSome());
  expect(held.rules()).toHaveLength(1);
  expect(held.page(held.rules()[0]!.no, null, 9).map((k) => String(k.key))).toEqual(['2']);
});

test('members of a key text: null, empty, slashes and per cent signs stay apart', () => {
  expect(keyMembers(Buffer.from(`a%2Fb/${NULL_MEMBER}//%25N/ü`))).toEqual(['a/b', null, '', '%N', 'ü']);
});

test('a record takes at most 40 bytes beside its key', () => {
  const remember = new Remember(store);
  store.transaction(() => {
    remember.begin();
    remember.staged(
      draft(keyOf(rules[0]!, 'x'), { id: `${'a'.repeat(20)}-${'b'.repeat(24)}`, gone: false, sequence: null }),
    );
    remember.end();
  });
  const log = store.db.prepare('SELECT length(records) FROM remember_log').pluck().get() as number;
  expect(log - 1).toBeLessThanOrEqual(40);
  while (remember.foldSome());
  expect(store.db.prepare('SELECT length(sent) FROM remember_key').pluck().get()).toBe(24);
});

test('contents that differ hash apart, wherever the difference is', () => {
  const hash = new ContentHash();
  const seen = new Set<string>();
  const text = 'x'.repeat(37);
  const all = [text];
  for (let i = 0; i < text.length; i++)
    for (let bit = 0; bit < 7; bit++)
      all.push(`${text.slice(0, i)}${String.fromCharCode(0x78 ^ (1 << bit))}${text.slice(i + 1)}`);
  for (let length = 0; length < 20; length++) all.push('\0'.repeat(length));
  for (const one of all) {
    const bytes = Buffer.from(`....${one}..`, 'latin1');
    hash.of(bytes, 4, bytes.length - 2);
    seen.add(`${hash.a} ${hash.b}`);
    expect(hash.a === 0 && hash.b === 0).toBe(false);
  }
  expect(seen.size).toBe(all.length);
});
