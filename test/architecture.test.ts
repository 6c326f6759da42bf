/**
 * Keeps the walls of docs/architecture.md: what scripts/house.mjs reads of every import line (`import`, `export from`,
 * `import()`, `require()`, types written with `import()`) against the lists below.
 */
import { type House, measureHouse, placeOf } from './support/house';

/**
 * Rooms from the ground up, and what each takes of the rooms above its line here: exactly what is in use. `types` only as
 * types. A room names no room that comes after it, so nothing points upward.
 */
const ROOMS: Readonly<Record<string, { readonly values: string; readonly types?: string }>> = {
  clock: { values: '' },
  errors: { values: '' },
  files: { values: '' },
  model: { values: '', types: 'errors' },
  bytes: { values: 'errors', types: 'model' },
  hostserver: { values: 'errors model bytes' },
  signatures: { values: 'clock errors' },
  sqlite: { values: 'errors' },
  simulator: { values: 'errors bytes hostserver sqlite', types: 'model' },
  store: { values: 'errors sqlite' },
  operators: { values: '', types: 'store' },
  series: { values: '', types: 'store' },
  deliver: { values: 'clock errors model signatures', types: 'store' },
  outbox: { values: 'errors model', types: 'store' },
  debug: { values: '', types: 'store deliver' },
  record: { values: 'errors model bytes', types: 'store' },
  map: { values: 'errors model bytes record' },
  'mapping-test': { values: 'errors files model record map' },
  remember: { values: 'model bytes', types: 'store' },
  telemetry: { values: '' },
  config: { values: 'errors files model record', types: 'map telemetry' },
  transport: { values: 'errors hostserver', types: 'model' },
  alerts: { values: 'model signatures', types: 'store telemetry' },
  assembly: { values: 'model hostserver deliver outbox transport', types: 'config alerts' },
  catalog: { values: 'errors model transport', types: 'store' },
  contract: { values: 'errors model map catalog', types: 'store telemetry config' },
  journal: { values: 'errors model bytes transport catalog', types: 'store' },
  'table-rows': { values: 'errors model bytes record', types: 'transport' },
  backfill: { values: 'clock errors model record remember transport catalog table-rows', types: 'store' },
  infer: { values: 'model bytes record telemetry transport catalog table-rows' },
  replay: { values: 'model', types: 'store journal' },
  reconcile: {
    values: 'errors model bytes sqlite record remember transport catalog table-rows telemetry backfill',
    types: 'store map',
  },
  version: { values: '' },
  window: { values: 'errors model record transport table-rows', types: 'store' },
  capture: {
    values:
      'clock errors model sqlite store outbox record map remember config catalog journal table-rows backfill reconcile replay version window',
    types: 'deliver telemetry transport',
  },
  daemon: {
    values:
      'clock errors model store operators series deliver debug outbox record remember telemetry config alerts assembly catalog contract journal backfill reconcile replay version window capture',
    types: 'transport',
  },
  operate: {
    values:
      'errors model store operators series deliver debug outbox record map telemetry config alerts assembly catalog contract journal table-rows backfill reconcile replay version window capture',
    types: 'transport',
  },
  api: {
    values: 'errors model operators config backfill replay version capture daemon operate',
    types: 'transport',
  },
  console: { values: '', types: 'api' },
  cli: {
    values:
      'errors files model signatures simulator store operators record map mapping-test telemetry config transport assembly catalog backfill infer reconcile version daemon operate api',
    types: 'deliver replay',
  },
};

/** Inside the big rooms: folders and files from the ground up; a line knows only the lines above it. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  record: ['field-errors layout', 'write', 'legacy lobs', 'plan', 'explain rows'],
  hostserver: [
    'frame ors password return-codes wire-text',
    'framer message',
    'db-frame formats',
    'messages rle rows',
    'message-tables',
    'trace',
    'client',
  ],
  journal: ['options', 'entry', 'position', 'ledger', 'cycle', 'source', 'reader', 'again'],
  map: [
    'options expression parent-rows',
    'lookup',
    'plan',
    'event',
    'order',
    'rule-mapper unmapped',
    'mapped-tables',
    'parent-text',
    'mapper',
    'event-types simulate-mapping',
  ],
  outbox: ['options schema', 'pages', 'destinations', 'queue', 'history', 'letters', 'outbox'],
  deliver: [
    'options sink denials',
    'hooks settler',
    'attempt attempt-body verdicts',
    'limits queue',
    'standing',
    'bodies deliveries sinks',
    'courier',
    'dispatcher',
  ],
  capture: [
    'backoff backpressure crash-points journals minimized reading-way unit-figures',
    'capture-log tables',
    'fold-remembered',
    'capture rebuild rows',
    'again',
  ],
  simulator: [
    'sql-session stored-text',
    'command-session',
    'partition',
    'server',
    'programs sql',
    'seed',
    'simulated-partition',
  ],
  api: [
    'console-files desk problem',
    'route',
    'guard input pages schemas',
    'stream',
    'routes',
    'openapi',
    'app',
    'api',
  ],
  'simulator/sql': [
    'failures',
    'text',
    'types',
    'tree',
    'functions',
    'compile',
    'rows',
    'statements',
    'catalog',
    'run',
  ],
};

const house: House = measureHouse();
const { src } = house.facts;

const roomOf = (file: string): string => file.split('/')[1]!.replace(/\.tsx?$/, '');
const words = (text = ''): string[] => text.split(' ').filter((word) => word !== '');

/** @returns room to rooms it takes, `values` by any import that is not of types alone */
function takenRooms(): Map<string, { readonly values: Set<string>; readonly types: Set<string> }> {
  const taken = new Map<string, { values: Set<string>; types: Set<string> }>();
  for (const [file, { imports }] of Object.entries(src)) {
    const room = taken.get(roomOf(file)) ?? { values: new Set(), types: new Set() };
    taken.set(roomOf(file), room);
    for (const { to, typeOnly } of imports)
      if (roomOf(to) !== roomOf(file)) room[typeOnly ? 'types' : 'values'].add(roomOf(to));
  }
  return taken;
}

test('each room takes what its line says, no more and no less', () => {
  const taken = takenRooms();
  expect([...taken.keys()].sort()).toEqual(Object.keys(ROOMS).sort());
  for (const [room, { values, types }] of taken) {
    const may = ROOMS[room]!;
    expect({ room, values: [...values].sort() }).toEqual({ room, values: words(may.values).sort() });
    const typesAlone = [...types].filter((r) => !values.has(r)).sort();
    expect({ room, types: typesAlone }).toEqual({ room, types: words(may.types).sort() });
  }
});

test('nothing points upward', () => {
  const order = Object.keys(ROOMS);
  const upward = Object.entries(ROOMS).flatMap(([room, { values, types }]) =>
    [...words(values), ...words(types)]
      .filter((r) => order.indexOf(r) >= order.indexOf(room))
      .map((r) => `${room} -> ${r}`),
  );
  expect(upward).toEqual([]);
});

test.each(Object.keys(FLOORS))('inside %s nothing points upward', (room) => {
  const floors = FLOORS[room]!.map(words);
  const base = `src/${room}/`;
  const partOf = (file: string): string =>
    file
      .slice(base.length)
      .split('/')[0]!
      .replace(/\.tsx?$/, '');
  const floorOf = (file: string): number => floors.findIndex((parts) => parts.includes(partOf(file)));
  const inside = Object.keys(src).filter((file) => file.startsWith(base));
  expect([...new Set(inside.map(partOf))].sort()).toEqual(floors.flat().sort());
  const upward = inside.flatMap((file) =>
    src[file]!.imports.filter(
      ({ to }) => to.startsWith(base) && partOf(to) !== partOf(file) && floorOf(to) >= floorOf(file),
    ).map(({ to, line }) => `${file}:${line} -> ${to}`),
  );
  expect(upward).toEqual([]);
});

test('no file reaches itself by imports, lazy ones and types included', () => {
  expect(house.circles).toEqual([]);
});

test('only cli knows the simulator, and the simulator nothing of the client', () => {
  const takers = Object.entries(src).filter(([, { imports }]) => imports.some(({ to }) => roomOf(to) === 'simulator'));
  expect(new Set(takers.map(([file]) => roomOf(file)))).toEqual(new Set(['simulator', 'cli']));
  const client = Object.entries(src)
    .filter(([file]) => roomOf(file) === 'simulator')
    .flatMap(([file, { imports }]) =>
      imports.filter(({ to }) => to.startsWith('src/hostserver/client/')).map(({ to }) => `${file} -> ${to}`),
    );
  expect(client).toEqual([]);
});

test('statement text becomes tokens in one place', () => {
  const takers = Object.entries(src)
    .filter(([, { imports }]) =>
      imports.some(({ to, names }) => to.endsWith('sql/text/lexer.ts') && names?.includes('tokenize')),
    )
    .map(([file]) => file);
  expect(takers).toEqual(['src/simulator/sql/text/token-stream.ts']);
});

test('scripts ask dist for parts that a source makes', () => {
  expect(house.missing).toEqual([]);
});

test('every export is taken by another file of src, test or scripts', () => {
  expect(house.deadExports.map(placeOf)).toEqual([]);
});

/** Files of a room that others import, at most; a new door needs a reason. */
const DOORS: Readonly<Record<string, number>> = {
  // one more: `again/journal-again.ts`, which hides what a replay asks of a journal before it begins
  journal: 25,
  record: 20,
  map: 13,
  outbox: 11,
  deliver: 11,
  simulator: 4,
};

test.each(Object.entries(DOORS))('%s has at most %i doors', (room, most) => {
  expect(house.doors[room]!.files.length).toBeLessThanOrEqual(most);
});
