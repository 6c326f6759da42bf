// @ts-check
// Run after `npm run build`: the mapping of tables proposed, through the real client against the simulated partition in a process of its own.
//
//   node scripts/bench/infer.mjs [--tables 500] [--columns 40] [--rows 1000] [--rounds 3]
//
// First one table of 40 columns whose rows are looked at as `infer --table` does, then a whole library. Statements are counted where
// they leave: those for all tables together, and those about one table. Bars: under 2 s for one, at most 3 statements a table.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median, option } from './_child.mjs';

const require = createRequire(import.meta.url);
const dist = fileURLToPath(new URL(`../../${process.env.BENCH_DIST ?? 'dist'}`, import.meta.url));
const { hostServerTransport } = require(join(dist, 'transport/hostserver.js'));
const { inferTables } = require(join(dist, 'infer/infer.js'));

const TABLES = option('tables', 500);
const COLUMNS = option('columns', 40);
const ROWS = option('rows', 1000);
const ROUNDS = option('rounds', 3);
/** Rows of each table of the library. */
const FEW = 20;

/**
 * Kinds of columns as old files have them: name, type, value of row i.
 * @type {[name: string, type: string, value: (i: number) => string][]}
 */
const KINDS = [
  ['NO', 'DECIMAL(9, 0)', (i) => String(100000 + i)],
  [
    'DAT',
    'DECIMAL(7, 0)',
    (i) => `124${String(1 + (i % 12)).padStart(2, '0')}${String(1 + (i % 28)).padStart(2, '0')}`,
  ],
  ['TIM', 'NUMERIC(6, 0)', (i) => `11${String(i % 60).padStart(2, '0')}00`],
  ['STS', 'CHAR(2)', (i) => `'${(i % 4) * 10 + 10}'`],
  ['NAM', 'CHAR(30)', (i) => `'Kunde Nummer ${i}'`],
  ['AMT', 'DECIMAL(11, 2)', (i) => `${i}.25`],
  ['QTY', 'INTEGER', (i) => String(i)],
  ['TXT', 'VARCHAR(40)', (i) => `'Schraube M${i % 20}'`],
];
const columns = Array.from({ length: COLUMNS }, (_, c) => {
  const [name, type, value] = KINDS[c % KINDS.length];
  return { name: `${name}${c}`, type, value };
});
const definition = columns.map((c, i) => `${c.name} ${c.type} NOT NULL${i === 0 ? ' PRIMARY KEY' : ''}`).join(', ');
const row = (i) => `(${columns.map((c) => c.value(i)).join(', ')})`;

const partition = spawn(
  process.execPath,
  [join(dist, 'cli/main.js'), 'simulate', '--any-ports', '--no-seed', '--log-level', 'error'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [ready] = await once(createInterface({ input: partition.stdout }), 'line');
const { host, ports, user, password } = JSON.parse(ready);
const transport = hostServerTransport({
  host,
  user,
  password: () => password,
  databasePort: ports.database,
  signonPort: ports.signon,
  tls: 'off',
});
const real = await transport.connect();

/** The same connection; `sent` has every statement. */
const sent = [];
const counted = Object.assign(Object.create(real), {
  prepare: (sql, options) => {
    sent.push(sql);
    return real.prepare(sql, options);
  },
  query: (sql, params, options) => {
    sent.push(sql);
    return real.query(sql, params, options);
  },
});

async function fill(name, rows) {
  await real.execute(`CREATE TABLE BENCH.${name} (${definition})`);
  for (let from = 0; from < rows; from += 20) {
    const some = Array.from({ length: Math.min(20, rows - from) }, (_, i) => row(from + i));
    await real.execute(`INSERT INTO BENCH.${name} VALUES ${some.join(', ')}`);
  }
}

async function timed(names) {
  sent.length = 0;
  const began = performance.now();
  const tables = names.map((name) => ({ library: 'BENCH', name }));
  const { proposals } = await inferTables(counted, tables, { rows: ROWS });
  const seconds = (performance.now() - began) / 1000;
  const whole = proposals.filter((p) => p.state !== 'not found' && p.columns.length === COLUMNS);
  if (whole.length !== names.length) throw new Error(`${whole.length} of ${names.length} proposals are whole`);
  const about = sent.filter((sql) => /FROM "BENCH"\."/.test(sql));
  const most = Math.max(...names.map((name) => about.filter((sql) => sql.includes(`"BENCH"."${name}"`)).length));
  return { seconds, together: sent.length - about.length, most };
}

try {
  await real.execute("CALL QSYS2.QCMDEXC('CRTLIB LIB(BENCH)')");
  await fill('WIDE', ROWS);
  const one = [];
  for (let round = 0; round < ROUNDS; round++) one.push(await timed(['WIDE']));
  const names = Array.from({ length: TABLES }, (_, t) => `T${t}`);
  for (const name of names) await fill(name, FEW);
  const all = await timed(names);
  const seconds = median(one.map((r) => r.seconds));
  console.log(
    JSON.stringify({
      columns: COLUMNS,
      'one table, rows looked at': ROWS,
      'seconds (median)': Number(seconds.toFixed(3)),
      range: one.map((r) => Number(r.seconds.toFixed(3))),
      'statements about it': one[0].most,
      'statements for all tables together': one[0].together,
      library: {
        tables: TABLES,
        'rows of each': FEW,
        seconds: Number(all.seconds.toFixed(2)),
        'ms a table': Number(((all.seconds * 1000) / TABLES).toFixed(1)),
        'most statements about a table': all.most,
        'statements for all tables together': all.together,
      },
      bars: { 'under 2 s': seconds < 2, 'at most 3 statements': Math.max(all.most, one[0].most) <= 3 },
    }),
  );
} finally {
  await real.close();
  partition.kill();
}
