/** init, validate, catalogue and sample as a user runs them: streams and exit codes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runCli } from '../../src/cli/program';
import { loadConfig } from '../../src/config/load';
import { fixedClock } from '../../src/map/event/clock';
import { Mapper } from '../../src/map/mapper';
import type { RecordFormat } from '../../src/model/record-format';
import { openStateFile } from '../../src/operate/state-file';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { image, inserted, LINE, ORDER, ORDHDR, ORDLIN, type Row } from '../map/support';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
  file = join(folder, 'c.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new Text();
  const stderr = new Text();
  let code = 0;
  const exit = (c: number): void => {
    code = c;
  };
  await runCli(args, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: { CRM: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', PW: 'pw' },
    exit,
  });
  return { code, out: stdout.text, err: stderr.text };
}

const CONFIG = `
version: 1
partition: { name: PROD1, host: h, user: u, password: "\${env:PW}" }
state: none.sqlite
destinations: { crm: { webhook: { url: "https://x/y", signing: { standardWebhooks: { secret: "\${env:CRM}" } } } } }
tables:
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    images: both
    columns: { ORDNO: orderNumber, STS: status, ORDDAT: { as: orderDate, date: cyymmdd } }
    when: "CURR = 'EUR'"
  ORDLIB/ORDLIN:
    name: lines
    parent: { event: order, table: ORDLIB/ORDHDR, key: { orderNumber: ORDNO } }
`;

describe('init', () => {
  test('writes a config that validates, and never over another one', async () => {
    expect(await run('init', '-c', file, '--host', 'as400.local', '--table', 'MYLIB/ORDERS')).toMatchObject({
      code: 0,
    });
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('host: as400.local');
    expect(text).toContain('MYLIB/ORDERS:');
    expect(text).toContain('payload: { thin: [STS] }');
    expect((await run('validate', '-c', file)).code).toBe(0);
    // the first tests pass as written, and what a person made of them is left alone
    expect(await run('test', '-c', file)).toMatchObject({ code: 0, out: expect.stringContaining('3 tests, all as') });
    const tests = file.replace(/\.yaml$/, '.test.yaml');
    writeFileSync(tests, readFileSync(tests, 'utf8').replace('"100245" }\n      after', '"100246" }\n      after'));
    expect(await run('test', '-c', file)).toMatchObject({ code: 5, out: expect.stringContaining('orderNumber') });
    rmSync(file);
    expect((await run('init', '-c', file, '--table', 'MYLIB/ORDERS')).code).toBe(0);
    expect((await run('test', '-c', file)).code).toBe(5);
    const again = await run('init', '-c', file);
    expect(again.code).toBe(2);
    expect(again.err).toContain('INIT_EXISTS');
    expect(again.err).toContain('--force');
    expect((await run('init', '-c', file, '--force')).code).toBe(0);
  });

  test.each([
    ['--host', 'a b'],
    ['--user', 'a: b'],
    ['--name', 'x/y'],
    ['--table', 'ORDERS'],
    ['--port', '0'],
    ['--signon-port', '94x'],
    ['--to', 'crm'],
  ])('refuses %s %s and writes nothing', async (flag, value) => {
    const r = await run('init', '-c', file, flag, value);
    expect(r.code).toBe(2);
    expect(r.err).toContain(`${flag}: saw "${value}"`);
    expect(existsSync(file)).toBe(false);
  });

  test('--stdout', async () => {
    expect((await run('init', '-c', file, '--stdout')).out).toMatch(/^# yaml-language-server/);
    expect(existsSync(file)).toBe(false);
  });
});

describe('validate', () => {
  test('a valid file', async () => {
    writeFileSync(file, CONFIG);
    const r = await run('validate', '-c', file, '--strict');
    expect(r).toEqual({ code: 0, out: `${file}: valid, 2 tables, 2 rules, 0 warnings\n`, err: '' });
  });

  test('errors: exit 2, each with file, line, column, path, value and expectation', async () => {
    writeFileSync(file, CONFIG.replace('cyymmdd', 'cyymmd').replace('images: both', 'image: both'));
    const r = await run('validate', '-c', file);
    expect(r.code).toBe(2);
    expect(r.out).toContain(`${file}:10:5: error: tables.ORDLIB/ORDHDR.image: saw unknown key "image"`);
    expect(r.out).toContain('did you mean "images"?');
    expect(r.out).toContain(
      `${file}:11:80: error: tables.ORDLIB/ORDHDR.columns.ORDDAT.date: saw "cyymmd", expected one of cyymmdd`,
    );
    expect(r.out).toContain(`${file}: 2 errors, 0 warnings\n`);
  });

  test('findings: 0, and 5 with --strict', async () => {
    writeFileSync(file, CONFIG.replace('images: both', 'onDelete: delete'));
    expect((await run('validate', '-c', file)).code).toBe(0);
    const r = await run('validate', '-c', file, '--strict');
    expect(r.code).toBe(5);
    expect(r.out).toContain('warning: tables.ORDLIB/ORDHDR.onDelete: saw a delete event using STS, ORDDAT');
  });

  test('--json', async () => {
    writeFileSync(file, CONFIG.replace('version: 1', 'version: 3'));
    const r = await run('validate', '-c', file, '--json');
    expect(r.code).toBe(2);
    expect(JSON.parse(r.out)).toEqual({
      file,
      ok: false,
      errors: [
        {
          severity: 'error',
          code: 'CFG_VALUE',
          file,
          line: 2,
          column: 10,
          path: 'version',
          seen: '3',
          expected: 'expected 1',
          suggestion: null,
        },
      ],
      warnings: [],
    });
  });

  test('--effective: everything as it is understood, secrets hidden', async () => {
    writeFileSync(file, CONFIG);
    const config = JSON.parse((await run('validate', '-c', file, '--effective')).out);
    for (const d of Object.values(config.destinations) as { webhook: { url: string } | null }[]) {
      if (d.webhook) expect(d.webhook.url).toMatch(/^https?:\/\/[^/]+(\/\[hidden\])?$/);
    }
    expect(config.partition).toMatchObject({ port: 9471, password: '[secret]' });
    expect(config.tables[0].rules[0]).toMatchObject({ name: 'order', payload: { is: 'full' } });
    writeFileSync(file, CONFIG.replace('version: 1', 'version: 3'));
    expect(await run('validate', '-c', file, '--effective')).toMatchObject({
      code: 2,
      out: expect.stringContaining('expected 1'),
    });
  });

  test('no file', async () => {
    const r = await run('validate', '-c', join(folder, 'none.yaml'));
    expect(r.code).toBe(2);
    expect(r.err).toMatch(/error CONFIG_READ: cannot read the configuration .* \(ENOENT\)/);
    expect(r.err).not.toContain(' at ');
  });

  test('--schema', async () => {
    expect(JSON.parse((await run('validate', '--schema')).out)).toMatchObject({
      title: 'ibmi-cdc configuration',
      type: 'object',
    });
  });
});

function formats(): string {
  const path = join(folder, 'formats.json');
  writeFileSync(
    path,
    JSON.stringify([
      { ...ORDHDR, key: ['ORDNO'] },
      { ...ORDLIN, key: ['ORDNO', 'LINNO'] },
    ]),
  );
  return path;
}

describe('catalogue', () => {
  test('as JSON, with typed members when formats are given', async () => {
    writeFileSync(file, CONFIG);
    const plain = JSON.parse((await run('catalogue', '-c', file, '--json')).out);
    const rows = plain.filter((e: { rule: string }) => e.rule !== 'notice');
    expect(rows.map((e: { type: string; rule: string }) => `${e.rule} ${e.type}`)).toEqual([
      'order order.created',
      'order order.updated',
      'order order.read',
      'lines order.updated',
    ]);
    const [typed] = JSON.parse(
      (await run('catalogue', '-c', file, '--json', '--format', formats(), '--event', 'order.created')).out,
    );
    expect(typed.schema.properties.data.properties.key.properties.orderNumber.pattern).toBe('^-?[0-9]+$');
  });

  test.each([
    ['no file', null, 'ENOENT'],
    ['no JSON', '{', 'cannot be used'],
    ['a column without type', '{"table":"A/B","columns":[{"name":"X"}]}', 'columns[0] (X).type'],
  ])('a format file that cannot be used: %s', async (_, content, message) => {
    writeFileSync(file, CONFIG);
    const path = join(folder, 'f.json');
    if (content !== null) writeFileSync(path, content);
    const r = await run('catalogue', '-c', file, '--format', path);
    expect(r.code).toBe(2);
    expect(r.err).toContain('error FORMAT_FILE');
    expect(r.err).toContain(message);
  });

  test('for people', async () => {
    writeFileSync(file, CONFIG);
    expect((await run('catalogue', '-c', file)).out).toContain(
      'order.created\n  from       ORDLIB/ORDHDR, rule order, on insert\n  to         crm\n',
    );
  });
});

describe('sample', () => {
  test('a synthetic event, the same each time', async () => {
    writeFileSync(file, CONFIG);
    const once = await run('sample', '-c', file, '--event', 'order.created', '--json');
    expect(once.code).toBe(0);
    expect(JSON.parse(once.out)).toMatchObject({
      type: 'order.created',
      data: { op: 'insert', after: { orderDate: '2026-11-21' } },
    });
    expect((await run('sample', '-c', file, '--event', 'order.created', '--json')).out).toBe(once.out);
    expect(once.err).toContain('synthetic');
  });

  test('a real one from the state file comes first, unless told otherwise', async () => {
    writeFileSync(file, CONFIG.replace('state: none.sqlite', 'state: st.sqlite'));
    const config = loadConfig(file, { env: { CRM: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', PW: 'pw' } });
    Store.open(config.state, [OUTBOX_SCHEMA]).close();
    const mapper = new Mapper({ partition: 'PROD1', clock: fixedClock(0), product: '0', now: () => 0 });
    mapper.setTable(config.tables[0]!, ORDHDR, []);
    const outcome = mapper.map(inserted({ ...ORDER, STS: '77' }));
    if (outcome.is !== 'mapped') throw new Error(outcome.is);
    {
      using state = openStateFile(config);
      state.store.transaction(() => state.outbox.append(outcome.events));
    }
    const real = await run('sample', '-c', file, '--event', 'order.created', '--json');
    expect(JSON.parse(real.out).data.after.status).toBe('77');
    expect(real.err).toContain('the newest in the state file');
    const made = await run('sample', '-c', file, '--event', 'order.created', '--json', '--synthetic');
    expect(JSON.parse(made.out).data.after.status).not.toBe('77');
  });

  test('a type nobody sends', async () => {
    writeFileSync(file, CONFIG);
    const r = await run('sample', '-c', file, '--event', 'order.eaten');
    expect(r.code).toBe(2);
    expect(r.err).toContain('saw event type "order.eaten", expected one of order.created, order.updated, order.read');
  });

  const entry = (table: string, format: RecordFormat, type: string, row: Row, more: object = {}): string => {
    const source = image(format, row);
    if (source.is !== 'image') throw new Error('image');
    const { bytes, offset, length, nulls } = source.image;
    const hex = Buffer.from(bytes.subarray(offset, offset + length)).toString('hex');
    return JSON.stringify({ table, type, hex, nullMap: nulls && Buffer.from(nulls).toString('latin1'), ...more });
  };

  test('recorded entries through the mapping, offline', async () => {
    writeFileSync(file, CONFIG);
    const entries = join(folder, 'entries.jsonl');
    const at = { journal: 'ORDLIB/ORDJRN', receiver: 'ORDLIB/ORDRCV0001', rrn: 7, commitCycle: 10 };
    writeFileSync(
      entries,
      [
        entry('ORDLIB/ORDHDR', ORDHDR, 'PT', ORDER, { ...at, sequence: 11 }),
        entry('ORDLIB/ORDHDR', ORDHDR, 'UB', ORDER, { ...at, sequence: 12 }),
        entry('ORDLIB/ORDHDR', ORDHDR, 'UP', { ...ORDER, STS: '20' }, { ...at, sequence: 13 }),
        entry('ORDLIB/ORDHDR', ORDHDR, 'PT', { ...ORDER, CURR: 'USD' }, { ...at, sequence: 14 }),
        entry('ORDLIB/ORDHDR', ORDHDR, 'DL', ORDER, { ...at, sequence: 15 }),
        entry('ORDLIB/ORDLIN', ORDLIN, 'PT', LINE, { ...at, sequence: 16 }),
        entry('OTHER/FILE', ORDLIN, 'PT', LINE),
        JSON.stringify({ table: 'ORDLIB/ORDHDR', type: 'PT', hex: 'c1c2' }),
      ].join('\n'),
    );
    const r = await run('sample', '-c', file, '--entries', entries, '--format', formats(), '--json');
    expect(r.code).toBe(5);
    const lines = r.out
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines).toEqual([
      expect.objectContaining({ type: 'order.created' }),
      { line: 2, is: 'skipped', why: 'before image: sent with the entry after it' },
      expect.objectContaining({
        type: 'order.updated',
        data: expect.objectContaining({ changed: ['status'], meta: expect.objectContaining({ sequence: '13' }) }),
      }),
      { line: 4, is: 'filtered', rule: 'order:when' },
      { line: 5, is: 'filtered', rule: 'order:onDelete' },
      { line: 7, is: 'skipped', why: 'no rules for OTHER/FILE' },
      expect.objectContaining({ line: 8, is: 'quarantined', code: 'LAYOUT_IMAGE' }),
      expect.objectContaining({
        type: 'order.updated',
        data: expect.objectContaining({ changed: ['children'], key: { orderNumber: '100245' } }),
      }),
    ]);
  });

  test.each([
    ['no JSON', '{', 'line 1 of the entries: saw no JSON, expected an object'],
    ['no table', '{"type":"PT","hex":""}', 'line 1 of the entries: expected table, as LIB/FILE'],
    ['odd hex', '{"table":"A/B","type":"PT","hex":"c"}', 'line 1 of the entries: expected hex, the record image'],
    [
      'sequence',
      '{"table":"A/B","type":"PT","hex":"","sequence":-1}',
      'line 1 of the entries: expected sequence, a whole number',
    ],
  ])('entries that cannot be read: %s', async (_, line, message) => {
    writeFileSync(file, CONFIG);
    const entries = join(folder, 'entries.jsonl');
    writeFileSync(entries, line);
    const r = await run('sample', '-c', file, '--entries', entries, '--format', formats());
    expect(r.code).toBe(2);
    expect(r.err).toContain(message);
  });
});
