/**
 * Every text made of a model, with a hostile value in each place where a value of a row, a receiver, a catalog or an operator can
 * stand: nothing may drive a terminal, and nothing may begin a line of its own. What may not is said by Unicode's own properties.
 */
import { PassThrough } from 'node:stream';
import { guardedIo } from '../../../src/cli/guarded-io';
import { createdText, tokenText } from '../../../src/operate/acting/tokens';
import { auditText } from '../../../src/operate/audit/audit-text';
import { copyText, madeText } from '../../../src/operate/backup/backup-text';
import { debugText } from '../../../src/operate/debug';
import { letterText } from '../../../src/operate/dlq/dlq-text';
import { doctorText } from '../../../src/operate/doctor/doctor';
import { backfillDryRunText, backfillText, cancelledText } from '../../../src/operate/jobs/backfill';
import { journalReplayText } from '../../../src/operate/jobs/journal-replay';
import { pausedDestinationText, pausedTableText } from '../../../src/operate/pause';
import { planText } from '../../../src/operate/plan/plan-text';
import {
  acceptedText,
  destinationText,
  droppedText,
  positionText,
  stoppedText,
  tableText,
} from '../../../src/operate/resume/resume-text';
import { sendTestText } from '../../../src/operate/send-test';
import { statusText } from '../../../src/operate/status/status-text';
import { lifeText } from '../../../src/operate/trace/event-life';
import { fateText, ledgerText } from '../../../src/operate/trace/fate-text';
import { traceText } from '../../../src/operate/trace/story-text';
import { verifyText } from '../../../src/operate/verify/verify';
import { reportText } from '../../../src/reconcile/report';
import {
  AUDIT,
  BACKFILL,
  CAPTURE,
  COPY,
  DOCTOR,
  FATE,
  JOURNAL_REPLAY,
  LEDGER,
  LETTER,
  LIFE,
  PLAN,
  RECONCILE,
  SENT,
  STATUS,
  STOPPED,
  TOKEN,
  TRACE,
  VERIFY,
} from './models';

/** Screen, title and bell, C1, overwriting, other directions, ends of line of every kind, invisible tags, and very much of it. */
const HOSTILE = [
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m\u0090q\u009c',
  'done\rerror',
  '\u202egnp.exe\u2066',
  'first\nerror BUG: forged',
  'a\u2028b\u2029c\u0085d',
  '\u{e0041}\u{e007f}',
  'x\u0000y\u007f',
  `${'W'.repeat(20_000)}\n${'\u001b['.repeat(100)}`,
];

/** All of category Cc but tab and line feed; marks and overrides of direction; separators of lines; tags. */
const DRIVES = /(?![\n\t])\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}|[\u{e0000}-\u{e007f}]/u;

type Render = (model: never) => string;
const TEXTS: readonly (readonly [name: string, model: unknown, render: Render])[] = [
  ['status', STATUS, statusText],
  ['dlq list', LETTER, letterText],
  ['trace, an event', LIFE, lifeText],
  ['trace, the journal', TRACE, (m: never) => traceText(m, { key: 'K', span: 'a day', depth: 10n, limit: 5 })],
  ['trace, a fate', FATE, fateText],
  ['trace, the ledger', LEDGER, ledgerText],
  ['audit', AUDIT, auditText],
  ['backup --check', COPY, copyText],
  ['backup', { state: 's.sqlite', file: 'c.sqlite' }, madeText],
  ['plan', PLAN, (m: never) => planText(m, true)],
  ['doctor', DOCTOR, doctorText],
  ['verify', VERIFY, verifyText],
  ['resume', STOPPED, stoppedText],
  ['resume --table', { table: 'A/B', drop: true, deliveries: 1 }, tableText],
  ['resume --accept-gap', { table: 'A/B', acceptedGap: 'a gap' }, tableText],
  ['resume --destination', { destination: 'crm', deliveries: 1 }, destinationText],
  ['resume --position', { destination: 'crm', position: 'skip', deliveries: 1 }, positionText],
  ['resume --destination --drop', { destination: 'crm', drop: true, deliveries: 1 }, droppedText],
  ['resume --accept-state', { state: 's', next: 'begins anew', setAside: 's-wal.1' }, acceptedText],
  ['pause --table', { table: 'A/B', reason: 'operator x', already: true }, pausedTableText],
  ['pause --destination', { destination: 'crm', why: 'paused by x', already: true }, pausedDestinationText],
  ['debug list', CAPTURE, debugText],
  ['backfill --dry-run', { table: 'A/B', rows: 2, chunkedBy: ['K', 'L'] }, (m: never) => backfillDryRunText(m, 100)],
  ['backfill --cancel', { table: 'A/B', cancelled: 2 }, cancelledText],
  ['backfill', BACKFILL, (m: never) => backfillText(m, 3)],
  ['replay from the journal', JOURNAL_REPLAY, journalReplayText],
  ['reconcile', RECONCILE, reportText],
  ['send-test', SENT, sendTestText],
  ['token list', TOKEN, tokenText],
  ['token create', { ...TOKEN, token: 'secret' }, createdText],
];

/** Paths of all texts in a model, also names of members that are names of things. */
function places(model: unknown, at: readonly string[] = []): string[][] {
  if (typeof model === 'string') return [[...at]];
  if (model === null || typeof model !== 'object') return [];
  return Object.entries(model).flatMap(([name, value]) => places(value, [...at, name]));
}

function replaced(model: unknown, [first, ...rest]: readonly string[], value: string): unknown {
  if (first === undefined) return value;
  const copy = (Array.isArray(model) ? [...model] : { ...(model as object) }) as Record<string, unknown>;
  copy[first] = replaced((model as Record<string, unknown>)[first], rest, value);
  return copy;
}

function printed(text: string): string {
  const out = new PassThrough();
  const io = { stdin: new PassThrough(), stdout: out, stderr: new PassThrough(), env: {}, exit: () => undefined };
  guardedIo(io).stdout.write(text);
  return (out.read() as Buffer).toString();
}

/** Words the product chooses itself, by which a text chooses its own: no value of anyone else's can stand there. */
const OURS = new Set([
  'status state found',
  'status journals reader',
  'status journals lastBehind',
  'status journals filter place',
  'status journals filter because',
  'trace, the journal journals ended',
  'trace, an event destinations state',
  'audit holes why',
  'backup --check journals receivers',
  'plan tables code',
  'plan diff level',
  'doctor findings level',
  'doctor findings code',
  'replay from the journal state',
]);
/** Commands to type, which may have several lines, each of them indented. */
const COMMANDS = new Set(['doctor findings fix', 'plan tables fixes']);

const kindOf = (name: string, path: readonly string[]): string =>
  `${name} ${path.filter((p) => !/^\d+$/.test(p)).join(' ')}`;

describe.each(TEXTS)('%s', (name, model, render) => {
  const paths = places(model).filter((path) => !OURS.has(kindOf(name, path)));

  test('its model has texts at all, and is printed as it is', () => {
    expect(paths.length).toBeGreaterThan(0);
    const text = render(model as never);
    expect(printed(text)).toBe(text);
  });

  test.each(paths.map((path) => [path.join('.'), path] as const))('%s', (_, path) => {
    const render1 = (value: string): string => printed(render(replaced(model, path, value) as never));
    for (const hostile of HOSTILE) {
      const text = render1(hostile);
      expect(DRIVES.exec(text)?.[0] ?? null).toBeNull();
      expect(text).not.toMatch(/^error BUG/m);
      if (COMMANDS.has(kindOf(name, path))) continue;
      // as many lines as a harmless value of that length gives
      expect(text.split('\n')).toHaveLength(render1('h'.repeat(hostile.length)).split('\n').length);
    }
  });
});
