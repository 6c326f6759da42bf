/** When an alert is told, to whom, and how often: a clock of its own, a real state file, sinks that say no. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALERT_SCHEMA, AlertBook } from '../../src/alerts/alert-book';
import { Alerter } from '../../src/alerts/alerter';
import type { AlertFacts } from '../../src/alerts/conditions';
import type { AlertMessage } from '../../src/alerts/message';
import type { AlertOptions, AlertRuleOptions, SinkOptions } from '../../src/alerts/options';
import { ALERT_RULE_NAMES, ALERT_RULES } from '../../src/model/watching/alert-rules';
import { Store } from '../../src/store/store';
import { createLogger } from '../../src/telemetry/logger';
import { nothingWrong } from './support/facts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alerts-'));
  store = Store.open(join(folder, 's.sqlite'), [ALERT_SCHEMA]);
  // what a power loss would take is not asked here
  store.db.pragma('synchronous = OFF');
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const NO_SINK = { slack: null, teams: null, email: null, pagerduty: null, webhook: null, command: null };

class Watch {
  now = Date.UTC(2026, 10, 1);
  facts: AlertFacts = nothingWrong(this.now);
  readonly told: { sink: string; message: AlertMessage }[] = [];
  refuses = new Set<string>();
  readonly log: string[] = [];
  private alerter: Alerter;

  constructor(
    private readonly sinks: readonly Pick<SinkOptions, 'name' | 'atLeast'>[] = [{ name: 'ops', atLeast: 'warning' }],
    private readonly rules: Partial<Record<string, Partial<AlertRuleOptions> | null>> = {},
    private readonly more: Partial<AlertOptions> = {},
  ) {
    this.alerter = this.made();
  }

  restart(): void {
    this.alerter = this.made();
  }

  private made(): Alerter {
    const names = this.sinks.map(({ name }) => name);
    const rule = (name: keyof typeof ALERT_RULES): AlertRuleOptions | null => {
      const chosen = this.rules[name];
      if (chosen === null) return null;
      const { severity, after, limit } = ALERT_RULES[name];
      return { severity, after, limit: limit?.default ?? 0, to: names, repeat: 4 * HOUR, ...chosen };
    };
    return new Alerter({
      options: {
        sinks: this.sinks.map((sink) => ({ ...NO_SINK, ...sink })),
        rules: Object.fromEntries(ALERT_RULE_NAMES.map((name) => [name, rule(name)])) as AlertOptions['rules'],
        ...{ resolved: true, every: 1000, link: 'https://cdc.example.com/', ...this.more },
      },
      partition: 'PROD',
      book: new AlertBook(store),
      facts: async (now) => ({ ...this.facts, now }),
      sinkOf: ({ name }) => ({
        name,
        send: async (message) => {
          if (this.refuses.has(name)) throw new Error('no');
          this.told.push({ sink: name, message });
        },
      }),
      sent: () => undefined,
      raised: () => undefined,
      lost: () => false,
      log: createLogger('warn', { write: (line: string) => this.log.push(line) } as never),
      now: () => this.now,
    });
  }

  /** Looks every ten seconds for so long. @returns what was told meanwhile, as `sink kind rule subject` */
  async pass(ms: number): Promise<string[]> {
    const before = this.told.length;
    for (const end = this.now + ms; this.now < end; ) {
      this.now += Math.min(10_000, end - this.now);
      await this.alerter.look();
      this.alerter.tell(new AbortController().signal);
      await this.alerter.settled();
    }
    return this.told.slice(before).map(({ sink, message: m }) => `${sink} ${m.kind} ${m.rule} ${m.subject}`);
  }

  failing(since: number | null): void {
    const [crm] = this.facts.destinations;
    const failing = since === null ? null : { since, why: 'ECONNREFUSED', next: since };
    this.facts = { ...this.facts, destinations: [{ ...crm!, failing }] };
  }

  letters(deadLetters: number): void {
    const [crm] = this.facts.destinations;
    this.facts = { ...this.facts, destinations: [{ ...crm!, deadLetters }] };
  }
}

test('what holds long enough is told once, again after the time of repeats, and its end', async () => {
  const watch = new Watch();
  expect(await watch.pass(HOUR)).toEqual([]);
  watch.failing(watch.now);
  expect(await watch.pass(4 * MINUTE)).toEqual([]);
  expect(await watch.pass(2 * MINUTE)).toEqual(['ops raised destination-failing crm']);
  expect(await watch.pass(3 * HOUR)).toEqual([]);
  expect(await watch.pass(2 * HOUR)).toEqual(['ops repeated destination-failing crm']);
  watch.failing(null);
  expect(await watch.pass(20_000)).toEqual([]);
  expect(await watch.pass(20_000)).toEqual(['ops ended destination-failing crm']);
  expect(await watch.pass(24 * HOUR)).toEqual([]);
});

test('what comes and goes within its time is never told', async () => {
  const watch = new Watch();
  watch.failing(watch.now);
  await watch.pass(3 * MINUTE);
  watch.failing(null);
  expect(await watch.pass(HOUR)).toEqual([]);
});

test('one look that misses it is no end', async () => {
  const watch = new Watch();
  watch.letters(1);
  expect(await watch.pass(10_000)).toEqual(['ops raised dead-letters crm']);
  watch.letters(0);
  expect(await watch.pass(20_000)).toEqual([]);
  watch.letters(1);
  expect(await watch.pass(HOUR)).toEqual([]);
});

test('a restart neither repeats an alert nor forgets to tell its end', async () => {
  const watch = new Watch();
  watch.letters(3);
  expect(await watch.pass(10_000)).toEqual(['ops raised dead-letters crm']);
  watch.restart();
  expect(await watch.pass(MINUTE)).toEqual([]);
  watch.letters(0);
  watch.restart();
  expect(await watch.pass(MINUTE)).toEqual(['ops ended dead-letters crm']);
});

test('a failing destination is told again at 50, 70, 90 and 100 % of its schedule, then as critical', async () => {
  const watch = new Watch(undefined, { 'destination-failing': { repeat: 0 } });
  const [crm] = watch.facts.destinations;
  watch.facts = { ...watch.facts, destinations: [{ ...crm!, schedule: 10 * HOUR }] };
  const began = watch.now;
  watch.failing(began);
  const at = (): number => Math.round((watch.now - began) / HOUR);
  const told: [number, string, string][] = [];
  for (let i = 0; i < 22; i++) {
    await watch.pass(30 * MINUTE);
    for (const { message } of watch.told.splice(0)) told.push([at(), message.kind, message.severity]);
  }
  expect(told).toEqual([
    [1, 'raised', 'warning'],
    [5, 'worse', 'warning'],
    [7, 'worse', 'warning'],
    [9, 'worse', 'critical'],
    [10, 'worse', 'critical'],
  ]);
});

test('each sink on its own: one that refuses is asked again later and later, the other knows', async () => {
  const watch = new Watch([
    { name: 'ops', atLeast: 'warning' },
    { name: 'oncall', atLeast: 'warning' },
  ]);
  watch.refuses.add('oncall');
  watch.letters(1);
  expect(await watch.pass(10 * MINUTE)).toEqual(['ops raised dead-letters crm']);
  // 10, 20, 40, 80, 160 seconds, then five minutes
  expect(watch.log.length).toBeGreaterThanOrEqual(5);
  expect(watch.log.length).toBeLessThanOrEqual(7);
  expect(JSON.parse(watch.log[0]!)).toMatchObject({ sink: 'oncall', next: 'ibmi-cdc alerts test --sink oncall' });
  watch.refuses.clear();
  expect(await watch.pass(6 * MINUTE)).toEqual(['oncall raised dead-letters crm']);
});

test('what a sink was never told of ends without a word there', async () => {
  const watch = new Watch();
  watch.refuses.add('ops');
  watch.letters(1);
  await watch.pass(MINUTE);
  watch.letters(0);
  await watch.pass(MINUTE);
  watch.refuses.clear();
  expect(await watch.pass(HOUR)).toEqual([]);
});

test('who is told: by rule, and by severity', async () => {
  const watch = new Watch(
    [
      { name: 'mail', atLeast: 'warning' },
      { name: 'pager', atLeast: 'critical' },
    ],
    { 'dead-letters': { to: ['mail'] }, 'table-gap': null },
  );
  watch.letters(1);
  watch.facts = {
    ...watch.facts,
    diskFullSince: watch.now,
    credentials: [{ path: 'x', detail: 'no' }],
    tables: [{ table: 'L/T', paused: null, gap: { detail: 'gone', next: 'backfill' }, lagMs: null, maxLag: null }],
  };
  expect((await watch.pass(2 * MINUTE)).sort()).toEqual([
    'mail raised credential-unusable x',
    'mail raised dead-letters crm',
    'mail raised state-disk-full state file',
    'pager raised state-disk-full state file',
  ]);
});

test('ends are not told where nobody wants them', async () => {
  const watch = new Watch(undefined, {}, { resolved: false });
  watch.letters(1);
  await watch.pass(MINUTE);
  watch.letters(0);
  expect(await watch.pass(HOUR)).toEqual([]);
});

test('what happened lasts an hour, also over a restart that forgets the counters', async () => {
  const watch = new Watch();
  const at = watch.now;
  watch.facts = {
    ...watch.facts,
    happened: [{ what: 'mass-delete', table: 'L/T', of: 'table.cleared', count: 1, at }],
  };
  expect(await watch.pass(10_000)).toEqual(['ops raised mass-delete L/T table.cleared']);
  watch.facts = { ...watch.facts, happened: [] };
  watch.restart();
  expect(await watch.pass(58 * MINUTE)).toEqual([]);
  expect(await watch.pass(3 * MINUTE)).toEqual(['ops ended mass-delete L/T table.cleared']);
});

test('a message says what, since when, what next, and where to look', async () => {
  const watch = new Watch();
  watch.letters(2);
  await watch.pass(10_000);
  expect(watch.told[0]!.message).toEqual({
    key: 'ibmi-cdc/PROD/dead-letters/crm/1',
    kind: 'raised',
    partition: 'PROD',
    rule: 'dead-letters',
    subject: 'crm',
    severity: 'critical',
    summary: '2 dead letters of destination crm',
    next: 'ibmi-cdc dlq list --destination crm',
    since: new Date(watch.now).toISOString(),
    endedAt: null,
    link: 'https://cdc.example.com/dead-letters?destination=crm',
  });
});
