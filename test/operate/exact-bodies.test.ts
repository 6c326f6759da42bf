/** Numbers of an event are shown as they were sent, wherever its body is shown: a float would write them otherwise. */
import { PassThrough } from 'node:stream';
import { print } from '../../src/cli/print';
import { exactText } from '../../src/model/exact-json';
import { wholeLetter } from '../../src/operate/dlq/dlq';
import { testEvent } from '../../src/operate/send-test';
import { wholeEvent } from '../../src/operate/trace/whole-event';
import { differenceLine } from '../../src/reconcile/report';
import { idOf } from '../deliver/support/drafts';
import { runCommand } from '../support/run-command';
import { LeftState } from './support';

const DATA =
  '{"after":{"total":12345678901234567890.25,"price":12.30,"zero":-0.00,"text":"12.30","big":9007199254740993}}';
const BODY = `{"specversion":"1.0","id":"evt_00000001","subject":"7","data":${DATA}}`;

let left: LeftState;
beforeEach(() => {
  left = new LeftState();
  left.append({ key: '7', destinations: ['crm'], body: Buffer.from(BODY), attemptOffset: -1 });
});
afterEach(() => left[Symbol.dispose]());

/** What a command writes to a script. */
function scripted(model: unknown): string {
  const stdout = new PassThrough();
  const io = { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {}, exit: () => undefined };
  print(io, { json: true }, model, () => '');
  return (stdout.read() as Buffer).toString();
}

test('a dead letter, for scripts and for people', () => {
  left.refuseAll('crm');
  const letter = wholeLetter(left.state, 1);
  expect(scripted(letter)).toContain(`"body":${BODY}`);
  for (const number of ['12345678901234567890.25', '12.30', '-0.00', '9007199254740993'])
    expect(exactText(letter, 2)).toContain(`: ${number}`);
});

test('dlq show, from the command line', async () => {
  left.refuseAll('crm');
  const { file } = left.config;
  const json = runCommand(['dlq', 'show', '1', '--json', '-c', file], { PW: 'x' });
  expect(await json.done).toBe(0);
  expect(json.out()).toContain(DATA);
  const shown = runCommand(['dlq', 'show', '1', '-c', file], { PW: 'x' });
  expect(await shown.done).toBe(0);
  expect(shown.out()).toContain('"total": 12345678901234567890.25');
});

test('the whole event, and what is no JSON as the text it is', () => {
  const [event] = wholeEvent(left.state, idOf(1));
  expect(exactText(event)).toContain(`"body":${BODY}`);
  left.append({ id: 'evt_text', destinations: ['crm'], body: Buffer.from('just 12.30 of text'), attemptOffset: -1 });
  left.refuseAll('crm');
  expect(wholeEvent(left.state, 'evt_text')[0]!.body).toBe('just 12.30 of text');
  expect(wholeLetter(left.state, 2).body).toBe('just 12.30 of text');
});

test('sample, for people', async () => {
  const run = runCommand(['sample', '--event', 'order.updated', '-c', left.config.file], { PW: 'x' });
  expect(await run.done).toBe(0);
  expect(run.out()).toContain('"big": 9007199254740993');
  expect(run.out()).toContain('"price": 12.30');
});

test('a test event made of a recent one', () => {
  const [recent] = left.state.outbox.history.events({}, { limit: 1 });
  const { event } = testEvent(left.config, { event: 'order.updated', format: [] }, recent!);
  const text = event.body!.toString();
  expect(text).toContain(DATA);
  expect((JSON.parse(text) as { id: string }).id).toMatch(/^test_[0-9a-f]{24}$/);
});

test('the key of a difference', () => {
  const difference = { kind: 'missing', key: '{"no":9007199254740993}', rule: 'order', columns: null, code: null };
  expect(differenceLine({ wish: { table: 'A/B' } } as never, difference as never)).toContain(
    '"key":{"no":9007199254740993}',
  );
});
