/** Annotated frames: every recorded one can be told, secrets never, values only when asked for. */
import { annotate, lineTracer } from '../../src/hostserver/trace';
import { loadTrace, loadTraces } from './support/traces';

const frames = loadTraces().flatMap((t) =>
  t.frames.filter((f) => f.from !== 'drop' && f.service !== 'portmap').map((f) => f.bytes),
);

test('every recorded frame is told in words', () => {
  for (const frame of frames) {
    const text = annotate(frame);
    expect(text).toMatch(/^[0-9A-F]{4} [a-z0-9 +]+, \d+ bytes, correlation \d+/i);
    expect(text).not.toContain('unknown');
    expect(text).not.toContain('no frame');
  }
});

test('what an exchange looks like', () => {
  const text: string[] = [];
  const tracer = lineTracer((line) => text.push(line), { now: () => new Date('2026-11-21T10:11:12.345Z') });
  const trace = loadTrace('09')
    .frames.filter((f) => f.service === 'database')
    .slice(6, 12);
  for (const frame of trace) tracer.frame(frame.from === 'client' ? 'sent' : 'received', 'database', frame.bytes);
  const all = text.join('');
  expect(all).toContain('2026-11-21T10:11:12.345Z > database 1D00 create RPB, 76 bytes, correlation 2');
  expect(all).toContain('3806 statementName: ccsid 37 "STMT0001"');
  expect(all).toContain('ors 8A840000 (reply dataFormat sqlca parameterFormat replyMayBeCompressed)');
  expect(all).toContain('3831 text: ccsid 13488 "SELECT ID, NAME FROM CDC.CUST WHERE ID > ? AND NAME LIKE ?"');
  expect(all).toContain('381F parameterData: 1 rows, 2 columns, row size 26, values not shown');
});

test('substitutes are never shown, values only when asked for', () => {
  const [signon] = loadTrace('01').frames.filter((f) => f.bytes.toString('hex', 18, 20) === '7004');
  const secret = signon!.bytes.toString('hex', 37, 101);
  expect(annotate(signon!.bytes, { values: true })).not.toContain(secret.slice(0, 16));
  expect(annotate(signon!.bytes, { values: true })).toContain('1105 substitute: 64 bytes, not shown');
  const [rows] = loadTrace('09').frames.filter((f) => f.bytes.toString('hex', 18, 20) === '180e');
  expect(annotate(rows!.bytes)).not.toContain('d5c1d4c5');
  expect(annotate(rows!.bytes, { values: true })).toContain('d5c1d4c5');
});

test('bytes that are no frame are told as such', () => {
  expect(annotate(Buffer.from('HTTP/1.1 400'))).toContain('no frame');
  expect(annotate(Buffer.alloc(40))).toContain('unknown message');
});
