/** Lines of the log: JSON, without secrets wherever they were put, errors as code, message and next step. */
import { PassThrough } from 'node:stream';
import { CodedError } from '../../src/errors/coded-error';
import { createLogger, type LogLevel, setLevel } from '../../src/telemetry/logger';

function logger(level: LogLevel = 'info') {
  const out = new PassThrough();
  let text = '';
  out.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const lines = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log: createLogger(level, out), lines, text: () => text };
}

test('one line of JSON for each message: time, level in words, facts', () => {
  const { log, lines } = logger();
  log.warn({ table: 'L/T', count: 3 }, 'something');
  expect(lines()).toEqual([
    { level: 'warn', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), table: 'L/T', count: 3, msg: 'something' },
  ]);
});

test.each(['password', 'secret', 'token', 'authorization', 'headers', 'body', 'row', 'before', 'after', 'url'])(
  '%s is never printed, at the top or one level down',
  (name) => {
    const { log, text } = logger();
    log.info({ [name]: 'hunter2' }, 'top');
    log.info({ destination: { [name]: 'hunter2' } }, 'below');
    log.child({ [name]: 'hunter2' }).info('child');
    expect(text()).not.toContain('hunter2');
    expect(text().match(/\[redacted\]/g)!.length).toBeGreaterThanOrEqual(2);
  },
);

test('an error of ours: code, message, next step and facts; big numbers as text; no stack', () => {
  const { log, lines, text } = logger();
  const error = new CodedError({ code: 'STORE_FULL', message: 'full', next: 'make room', facts: { at: 2n ** 64n } });
  log.error({ error }, 'failed');
  expect(lines()[0]!['error']).toMatchObject({ code: 'STORE_FULL', message: 'full', next: 'make room' });
  expect(text()).toContain('18446744073709551616');
  expect(text()).not.toContain('logger.test');
});

test('what is thrown and is no error is told, too', () => {
  const { log, lines } = logger();
  log.error({ error: 'words' }, 'failed');
  expect(lines()[0]!['error']).toEqual({ message: 'words' });
});

test('the level holds for a logger and for all that were made of it, and can be changed while it runs', () => {
  const { log, lines } = logger('warn');
  const child = log.child({ journal: 'L/J' });
  const said = (): unknown[] => lines().map((line) => line['msg']);
  log.info('1');
  child.info('2');
  setLevel(log, 'info');
  log.info('3');
  child.info('4');
  setLevel(log, 'silent');
  log.fatal('5');
  child.fatal('6');
  expect(said()).toEqual(['3', '4']);
});

test('what drives a terminal is shown, not obeyed', () => {
  const { log, text } = logger();
  log.info({ name: 'a\u001b[2Jb\u202e' }, 'x');
  expect(text()).not.toMatch(/[\u001b\u202e]/);
});
