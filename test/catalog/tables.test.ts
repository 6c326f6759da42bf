/** Fact sheets of tables out of catalog answers: spellings, releases without views, which key wins, and what each state rests on. */
import { readTables, stateOfFailure } from '../../src/catalog/catalog';
import { columnNamed, hasLayout, type TableFacts } from '../../src/catalog/table-facts';
import { probeTable } from '../../src/catalog/table-probe';
import { CodedError } from '../../src/errors/coded-error';
import { AnsweringConnection, type Rows, refused } from './support/answering';

const q = (library: string, name: string) => ({ library, name });

const name = (file: string, sqlName = file, library = 'ORDLIB') => ({
  SYSTEM_TABLE_SCHEMA: library,
  SYSTEM_TABLE_NAME: file,
  TABLE_SCHEMA: library,
  TABLE_NAME: sqlName,
  TABLE_TYPE: 'T',
  ROW_LENGTH: 10,
});
const column = (file: string, COLUMN_NAME: string, more: object = {}) => ({
  SYSTEM_TABLE_SCHEMA: 'ORDLIB',
  SYSTEM_TABLE_NAME: file,
  COLUMN_NAME,
  SYSTEM_COLUMN_NAME: COLUMN_NAME.slice(0, 10),
  DATA_TYPE: 'INTEGER',
  LENGTH: 4,
  IS_NULLABLE: 'N',
  HAS_DEFAULT: 'N',
  USER_DEFINED_TYPE_SCHEMA: null,
  USER_DEFINED_TYPE_NAME: null,
  DATETIME_PRECISION: null,
  CCSID: null,
  ...more,
});
const journaled = (file: string, images = '*BOTH') => ({
  OBJECT_LIBRARY: 'ORDLIB',
  OBJECT_NAME: file,
  JOURNAL_LIBRARY: 'ORDLIB',
  JOURNAL_NAME: 'ORDJRN',
  JOURNAL_IMAGES: images,
});
const member = (file: string, SYSTEM_TABLE_MEMBER = file) => ({
  SYSTEM_TABLE_SCHEMA: 'ORDLIB',
  SYSTEM_TABLE_NAME: file,
  SYSTEM_TABLE_MEMBER,
  NUMBER_ROWS: '7',
  NUMBER_DELETED_ROWS: '1',
});

type Script = ConstructorParameters<typeof AnsweringConnection>[0];

/** ORDLIB/ORDHDR with two columns, journaled, with a member and no key; `first` answers before all that. */
function partition(first: Script = []): AnsweringConnection {
  const rows: [RegExp, Rows][] = [
    [/QSYS2\.SYSTABLES/, [name('ORDHDR')]],
    [/SYSCOLUMNS2/, [column('ORDHDR', 'ORDNO'), column('ORDHDR', 'NAME')]],
    [/JOURNALED_OBJECTS/, [journaled('ORDHDR')]],
    [/SYSKEYCST|SYSINDEXES|QADBKATR/, []],
    [/SYSPARTITIONSTAT/, [member('ORDHDR')]],
  ];
  return new AnsweringConnection([...first, ...rows]);
}
const facts = async (first: Script = [], asked = q('ORDLIB', 'ORDHDR')): Promise<TableFacts> =>
  (await readTables(partition(first), [asked]))[0]!;

test('a table with all there is to say of it', async () => {
  expect(
    await facts([[/SYSKEYCST/, [{ TS: 'ORDLIB', TN: 'ORDHDR', CN: 'PK', CT: 'PRIMARY KEY', CO: 'ORDNO', OP: 1 }]]]),
  ).toEqual({
    asked: q('ORDLIB', 'ORDHDR'),
    file: q('ORDLIB', 'ORDHDR'),
    sqlName: q('ORDLIB', 'ORDHDR'),
    state: 'ok',
    reason: '',
    columns: ['ORDNO', 'NAME'].map((name) => expect.objectContaining({ systemName: name })),
    format: {
      table: 'ORDLIB/ORDHDR',
      columns: ['ORDNO', 'NAME'].map((name) => expect.objectContaining({ name, type: 'INTEGER' })),
    },
    key: { columns: ['ORDNO'], source: 'primary key' },
    journal: { name: q('ORDLIB', 'ORDJRN'), images: 'BOTH' },
    members: [{ name: 'ORDHDR', rows: 7n, deletedRows: 1n }],
  });
});

test('nothing is asked for no table, and one statement for names that are not there', async () => {
  const connection = partition([[/QSYS2\.SYSTABLES/, []]]);
  expect(await readTables(connection, [])).toEqual([]);
  expect(connection.asked).toHaveLength(0);
  expect((await readTables(connection, [q('ORDLIB', 'NOPE')]))[0]).toMatchObject({
    state: 'missing',
    columns: [],
    members: [],
  });
  expect(connection.asked).toHaveLength(1);
});

test('the number of statements does not grow with the tables', async () => {
  const names = Array.from({ length: 50 }, (_, i) => `T${i}`);
  const many = partition([
    [/QSYS2\.SYSTABLES/, names.map((n) => name(n))],
    [/SYSCOLUMNS2/, names.map((n) => column(n, 'A'))],
    [/JOURNALED_OBJECTS/, names.map((n) => journaled(n))],
    [/SYSPARTITIONSTAT/, names.map((n) => member(n))],
  ]);
  const one = partition();
  await readTables(one, [q('ORDLIB', 'ORDHDR')]);
  const found = await readTables(
    many,
    [...names].reverse().map((n) => q('ORDLIB', n)),
  );
  expect(found.map((f) => f.file.name)).toEqual([...names].reverse());
  expect(found.every((f) => f.state === 'ok')).toBe(true);
  expect(many.asked.length).toBe(one.asked.length);
});

describe('the table a written name means', () => {
  const TABLES = [
    name('ORDHDR', 'ORDER_HEADERS'),
    name('ORDER00001', 'ORDER_HEADERS_OLD'),
    // one table's SQL name is another one's system name
    name('SWAP1', 'SWAP2'),
    name('SWAP2', 'SWAP1'),
    name('"Mixed"', 'Mixed Case'),
  ];
  test.each([
    ['ORDHDR', 'ORDHDR'],
    ['ordhdr', 'ORDHDR'],
    ['ORDER_HEADERS', 'ORDHDR'],
    ['order_headers', 'ORDHDR'],
    ['order_headers_old', 'ORDER00001'],
    ['"ORDHDR"', 'ORDHDR'],
    ['"Mixed Case"', '"Mixed"'],
    ['Mixed Case', '"Mixed"'],
    // the system name wins: it is what entries carry
    ['SWAP1', 'SWAP1'],
    ['swap2', 'SWAP2'],
    ['"ordhdr"', null],
    ['MIXED CASE', null],
  ])('%s', async (written, file) => {
    const [found] = await readTables(partition([[/QSYS2\.SYSTABLES/, TABLES]]), [q('ORDLIB', written)]);
    if (file === null) expect(found!.state).toBe('missing');
    else expect(found!.file).toEqual(q('ORDLIB', file));
    expect(found!.asked).toEqual(q('ORDLIB', written));
  });

  test('a name longer than a system name is asked for as an SQL name alone', async () => {
    const connection = partition([[/QSYS2\.SYSTABLES/, []]]);
    await readTables(connection, [q('ORDLIB', 'ORDER_HEADERS_OLD')]);
    expect(connection.asked[0]!.sql).not.toContain('SYSTEM_TABLE_NAME IN');
    await readTables(connection, [q('ORDLIB', 'ORDHDR')]);
    expect(connection.asked[1]!.sql).toContain('SYSTEM_TABLE_NAME IN');
    expect(connection.asked[1]!.sql).toContain('TABLE_NAME IN');
  });
});

describe('releases and profiles that lack a view', () => {
  const { DATETIME_PRECISION: _, ...without } = column('ORDHDR', 'ORDNO');

  test('columns: SYSCOLUMNS2, SYSCOLUMNS with digits of timestamps, SYSCOLUMNS without', async () => {
    expect(
      (
        await facts([
          [/SYSCOLUMNS2/, refused(-204)],
          [/SYSCOLUMNS/, [column('ORDHDR', 'A')]],
        ])
      ).columns,
    ).toHaveLength(1);
    const old = await facts([
      [/SYSCOLUMNS2/, refused(-204)],
      [/DATETIME_PRECISION.*\n?.*QSYS2\.SYSCOLUMNS/s, refused(-206)],
      [/SYSCOLUMNS/, [without]],
    ]);
    expect(old.state).toBe('ok');
    await expect(facts([[/SYSCOLUMNS/, refused(-551)]])).rejects.toMatchObject({ sqlCode: -551 });
  });

  test('journals: OBJECT_STATISTICS library by library before there was JOURNALED_OBJECTS', async () => {
    const connection = partition([
      [/JOURNALED_OBJECTS/, refused(-204)],
      [
        /OBJECT_STATISTICS/,
        [
          {
            OBJECT_NAME: 'ORDHDR',
            JOURNAL_LIBRARY: 'L',
            JOURNAL_NAME: 'J',
            JOURNAL_IMAGES: '*AFTER',
            JOURNALED: 'YES',
          },
        ],
      ],
    ]);
    const [found] = await readTables(connection, [q('ORDLIB', 'ORDHDR')]);
    expect(found!.journal).toEqual({ name: q('L', 'J'), images: 'AFTER' });
    expect(connection.asked.filter((a) => a.sql.includes('OBJECT_STATISTICS')).map((a) => a.params)).toEqual([
      ['ORDLIB'],
    ]);
  });

  test.each([
    ['*BOTH', 'BOTH'],
    ['BOTH', 'BOTH'],
    ['*AFTER', 'AFTER'],
    ['', 'AFTER'],
  ])('images %j', async (given, images) => {
    expect((await facts([[/JOURNALED_OBJECTS/, [journaled('ORDHDR', given)]]])).journal!.images).toBe(images);
  });

  test('keys and members that may not be read are unknown, and no reason to stop', async () => {
    const found = await facts([[/SYSKEYCST|SYSINDEXES|QADBKATR|SYSPARTITIONSTAT/, refused(-551)]]);
    expect(found).toMatchObject({ state: 'ok', key: null, members: [] });
  });
});

describe('the key of several', () => {
  const key = (CT: string, CN: string, ...columns: string[]) =>
    columns.map((CO, i) => ({ TS: 'ORDLIB', TN: 'ORDHDR', CN, CT, CO, OP: i + 1 }));
  const index = (CN: string, ...columns: string[]) =>
    columns.map((CO, i) => ({ TS: 'ORDLIB', TN: 'ORDHDR', IX: 'ORDLIB', CN, CO, OP: i + 1 }));
  const path = (...columns: string[]) =>
    columns.map((DBKFLD, i) => ({ DBKLIB: 'ORDLIB', DBKFIL: 'ORDHDR', DBKFLD, DBKPOS: i + 1 }));
  const PRIMARY = key('PRIMARY KEY', 'PK', 'ORDNO');
  const UNIQUE = key('UNIQUE', 'UQ', 'NAME', 'ORDNO');
  const INDEX = index('IX', 'NAME');
  const PATH = path('ORDNO', 'NAME');

  test.each<[string, Rows, Rows, Rows, TableFacts['key']]>([
    ['a primary key before all', [...PRIMARY, ...UNIQUE], INDEX, PATH, { columns: ['ORDNO'], source: 'primary key' }],
    ['a unique constraint', UNIQUE, INDEX, PATH, { columns: ['NAME', 'ORDNO'], source: 'unique constraint' }],
    ['a unique index', [], INDEX, PATH, { columns: ['NAME'], source: 'unique index' }],
    ['an access path', [], [], PATH, { columns: ['ORDNO', 'NAME'], source: 'access path' }],
    ['none', [], [], [], null],
    [
      'the first of two constraints',
      [...key('UNIQUE', 'A', 'NAME'), ...key('UNIQUE', 'B', 'ORDNO')],
      [],
      [],
      { columns: ['NAME'], source: 'unique constraint' },
    ],
    ['a column nobody lists', key('PRIMARY KEY', 'PK', 'GONE'), [], [], null],
  ])('%s', async (_, constraints, indexes, paths, expected) => {
    const found = await facts([
      [/SYSKEYCST/, constraints],
      [/SYSINDEXES/, indexes],
      [/QADBKATR/, paths],
    ]);
    expect(found.key).toEqual(expected);
  });

  test('an access path has system names, and keys have SQL names', async () => {
    const found = await facts([
      [/QSYS2\.SYSTABLES/, [name('ORDHDR', 'ORDER_HEADERS')]],
      [/SYSCOLUMNS2/, [column('ORDHDR', 'ORDER_NUMBER', { SYSTEM_COLUMN_NAME: 'ORDNO' })]],
      [/QADBKATR/, path('ORDNO')],
    ]);
    expect(found.key).toEqual({ columns: ['ORDER_NUMBER'], source: 'access path' });
  });
});

test.each<[string, Script, string, RegExp]>([
  ['no column listed', [[/SYSCOLUMNS2/, [column('OTHER', 'A')]]], 'layout unknown', /lists no column/],
  [
    'a type nobody knows',
    [[/SYSCOLUMNS2/, [column('ORDHDR', 'SHAPE', { DATA_TYPE: 'GEOMETRY' })]]],
    'layout unknown',
    /SHAPE GEOMETRY/,
  ],
  [
    'a distinct type nobody describes',
    [
      [/SYSCOLUMNS2/, [column('ORDHDR', 'PRICE', { DATA_TYPE: 'DISTINCT', USER_DEFINED_TYPE_NAME: 'MONEY' })]],
      [/SYSTYPES/, refused(-551)],
    ],
    'layout unknown',
    /PRICE DISTINCT/,
  ],
  ['no member', [[/SYSPARTITIONSTAT/, [member('OTHER')]]], 'no member', /has no member/],
  [
    'no journal',
    [[/JOURNALED_OBJECTS/, [{ ...journaled('ORDHDR'), JOURNAL_NAME: '' }]]],
    'not journaled',
    /is not journaled/,
  ],
])('%s', async (_, first, state, reason) => {
  const found = await facts(first);
  expect(found.state).toBe(state);
  expect(found.reason).toMatch(reason);
  expect(hasLayout(found)).toBe(state !== 'layout unknown');
});

test('a distinct type is read with what SYSTYPES says of it', async () => {
  const found = await facts([
    [
      /SYSCOLUMNS2/,
      [
        column('ORDHDR', 'PRICE', {
          DATA_TYPE: 'DISTINCT',
          USER_DEFINED_TYPE_SCHEMA: 'L',
          USER_DEFINED_TYPE_NAME: 'MONEY',
        }),
      ],
    ],
    [
      /SYSTYPES/,
      [
        {
          USER_DEFINED_TYPE_SCHEMA: 'L',
          USER_DEFINED_TYPE_NAME: 'MONEY',
          SOURCE_TYPE: 'DECIMAL',
          LENGTH: 9,
          NUMERIC_SCALE: 2,
        },
      ],
    ],
  ]);
  expect(found.format.columns[0]).toMatchObject({ type: 'DECIMAL', length: 9, scale: 2 });
});

test('a column by the names people write', async () => {
  const found = await facts([
    [/SYSCOLUMNS2/, [column('ORDHDR', 'ORDER_NUMBER', { SYSTEM_COLUMN_NAME: 'ORDNO' }), column('ORDHDR', 'Name')]],
  ]);
  const named = (written: string) => columnNamed(found, written)?.format.name;
  expect(['ORDER_NUMBER', 'order_number', 'ordno', '"ORDNO"', 'Name', 'NAME', '"name"', 'NOPE'].map(named)).toEqual([
    'ORDER_NUMBER',
    'ORDER_NUMBER',
    'ORDER_NUMBER',
    'ORDER_NUMBER',
    'Name',
    'Name',
    undefined,
    undefined,
  ]);
});

describe('what a table says when it is asked itself', () => {
  const asked = async (code: number | null, state: TableFacts['state'] = 'ok') => {
    const connection = new AnsweringConnection([
      [
        /^SELECT 1 AS ONE FROM "ORDLIB"\."ORDHDR" FETCH FIRST 1 ROWS ONLY$/,
        code === null ? [{ ONE: 1 }] : refused(code),
      ],
    ]);
    return probeTable(connection, { ...(await facts()), state });
  };

  test.each([
    [null, 'ok'],
    [-551, 'unauthorised'],
    [-552, 'unauthorised'],
    [-567, 'unauthorised'],
    [-913, 'locked'],
    [-911, 'locked'],
    [-204, 'missing'],
  ] as const)('SQLCODE %s', async (code, state) => {
    const found = await asked(code);
    expect(found.state).toBe(state);
    if (code !== null) expect(found.reason).toBe(`ORDLIB/ORDHDR: SQLCODE ${code}`);
  });

  test('any other failure is no state of the table', async () => {
    await expect(asked(-901)).rejects.toMatchObject({ sqlCode: -901 });
    expect(stateOfFailure(new CodedError({ code: 'FIELD_SHORT', message: '' }))).toBeNull();
    expect(stateOfFailure(new Error('SQL0551'))).toBeNull();
  });

  test('a table that is out for another reason is not asked', async () => {
    for (const state of ['missing', 'no member', 'layout unknown'] as const)
      expect((await asked(-901, state)).state).toBe(state);
    expect((await asked(-551, 'not journaled')).state).toBe('unauthorised');
  });
});
