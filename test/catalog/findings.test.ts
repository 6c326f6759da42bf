/** What the catalog says against capturing tables and journals, finding by finding, with the command that mends it. */
import type { CatalogColumn } from '../../src/catalog/column-format';
import type { CheckFinding } from '../../src/catalog/finding';
import { journalFindings, receiverFindings } from '../../src/catalog/journal-findings';
import type { JournalFacts, ReceiverFacts, ReceiverStatus } from '../../src/catalog/journals';
import type { TableFacts, TableState } from '../../src/catalog/table-facts';
import { tableFindings } from '../../src/catalog/table-findings';

const q = (text: string) => ({ library: text.split('/')[0]!, name: text.split('/')[1]! });
const column = (name: string, more: Partial<CatalogColumn['format']> = {}, systemName = name): CatalogColumn => ({
  format: { name, type: 'DECIMAL', length: 7, scale: 0, ccsid: null, nullable: false, ...more },
  systemName,
  hidden: false,
  identity: false,
  hasDefault: false,
});
const facts = (more: Partial<TableFacts> = {}): TableFacts => ({
  asked: q('ORDLIB/ORDERS'),
  file: q('ORDLIB/ORDHDR'),
  sqlName: q('ORDLIB/ORDER_HEADERS'),
  state: 'ok',
  reason: '',
  columns: [column('ORDER_NUMBER', {}, 'ORDNO'), column('CHANGED', {}, 'CHGTS')],
  format: { table: 'ORDLIB/ORDHDR', columns: [] },
  key: { columns: ['ORDER_NUMBER'], source: 'primary key' },
  journal: { name: q('ORDLIB/ORDJRN'), images: 'BOTH' },
  members: [{ name: 'ORDHDR', rows: 7n, deletedRows: 0n }],
  ...more,
});
const WISH = { capture: 'journal', key: null, journal: q('ORDLIB/ORDJRN') } as const;
const codes = (found: readonly CheckFinding[]): (string | null)[] => found.map((f) => f.code);

describe('a table', () => {
  test('that suits capture is a passed check that names its key', () => {
    expect(tableFindings(facts(), WISH, [])).toEqual([
      { level: 'ok', area: 'table', subject: 'ORDLIB/ORDHDR', text: 'key ORDER_NUMBER', fix: null, code: null },
    ]);
  });

  test.each<[TableState, string, string]>([
    ['missing', 'CHECK_TABLE_MISSING', "SYSTEM_TABLE_SCHEMA = 'ORDLIB'"],
    ['no member', 'CHECK_TABLE_MEMBER', 'ADDPFM FILE(ORDLIB/ORDHDR) MBR(ORDHDR)'],
    ['not journaled', 'CHECK_TABLE_NOT_JOURNALED', 'STRJRNPF FILE(ORDLIB/ORDHDR) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)'],
    ['unauthorised', 'CHECK_TABLE_AUTHORITY', 'GRTOBJAUT OBJ(ORDLIB/ORDHDR) OBJTYPE(*FILE) USER(<profile>) AUT(*USE)'],
    ['locked', 'CHECK_TABLE_LOCKED', 'WRKOBJLCK OBJ(ORDLIB/ORDHDR) OBJTYPE(*FILE)'],
    ['layout unknown', 'CHECK_TABLE_LAYOUT', 'DSPFFD FILE(ORDLIB/ORDHDR)'],
  ])('that is %s: nothing else is said of it', (state, code, fix) => {
    const found = tableFindings(facts({ state, reason: 'why', key: null }), WISH, []);
    expect(found).toEqual([expect.objectContaining({ code, level: 'error', subject: 'ORDLIB/ORDHDR', text: 'why' })]);
    expect(found[0]!.fix).toContain(fix);
  });

  test('the journal to start may be unknown', () => {
    const found = tableFindings(facts({ state: 'not journaled' }), { ...WISH, journal: null }, []);
    expect(found[0]!.fix).toContain('JRN(<library>/<journal>)');
  });

  test.each<[string, Partial<TableFacts>, readonly string[] | null, string, string]>([
    [
      'after images alone',
      { journal: { name: q('L/J'), images: 'AFTER' } },
      null,
      'CHECK_TABLE_AFTER_IMAGES',
      'IMAGES(*BOTH)',
    ],
    ['no key', { key: null }, null, 'CHECK_TABLE_NO_KEY', 'key: [COLUMN, ...]'],
    [
      'a key of the configuration that is not there',
      {},
      ['ORDNO', 'LINNO'],
      'CHECK_KEY_COLUMN',
      'plan --table ORDLIB/ORDHDR',
    ],
    [
      'an access path',
      { key: { columns: ['ORDER_NUMBER'], source: 'access path' } },
      null,
      'CHECK_KEY_NOT_UNIQUE',
      'key: [ORDER_NUMBER]',
    ],
    [
      'untagged text',
      { columns: [column('ORDER_NUMBER'), column('NAME', { type: 'CHAR', ccsid: 65535 })] },
      null,
      'CHECK_CCSID_65535',
      'ccsid: 37',
    ],
    [
      'two members',
      {
        members: ['A', 'B'].map((name) => ({ name, rows: 0n, deletedRows: 0n })),
      },
      null,
      'CHECK_MEMBERS',
      'member: "*ALL"',
    ],
  ])('with %s', (_, more, key, code, fix) => {
    const found = tableFindings(facts(more), { ...WISH, key }, []);
    expect(codes(found)).toEqual([code]);
    expect(found[0]!.fix).toContain(fix);
  });

  test('a key of the configuration settles what the catalog leaves open', () => {
    const open = facts({ key: { columns: ['ORDER_NUMBER'], source: 'access path' } });
    expect(codes(tableFindings(open, { ...WISH, key: ['ordno'] }, []))).toEqual([null]);
    expect(codes(tableFindings(facts({ key: null }), { ...WISH, key: ['ORDER_NUMBER'] }, []))).toEqual([null]);
  });

  test('binary columns are bytes by right, and of many untagged ones five are named', () => {
    const names = ['A', 'B', 'C', 'D', 'E', 'F'];
    const binary = column('X', { type: 'BINARY', ccsid: 65535 });
    const text = names.map((n) => column(n, { type: 'VARCHAR', ccsid: 65535 }));
    expect(codes(tableFindings(facts({ columns: [column('ORDER_NUMBER'), binary] }), WISH, []))).toEqual([null]);
    const [found] = tableFindings(facts({ columns: [column('ORDER_NUMBER'), ...text] }), WISH, []);
    expect(found!.text).toBe('6 columns have CCSID 65535 and come as bytes: A, B, C, D, E...');
  });
});

describe('a table read by a window', () => {
  const window = (by: readonly string[]) => ({ ...WISH, capture: { window: by } });
  const lead = (column: string, table = 'ORDLIB/ORDER_HEADERS') => ({ table: q(table), column });

  test('need not be journaled, nor have before images', () => {
    for (const state of ['ok', 'not journaled'] as const) {
      const found = tableFindings(facts({ state, journal: { name: q('L/J'), images: 'AFTER' } }), window(['CHANGED']), [
        lead('CHANGED'),
      ]);
      expect(codes(found)).toEqual([null]);
    }
  });

  test.each([
    ['an index on its cursor', ['CHANGED'], [lead('CHANGED')], []],
    ['the cursor by its system name', ['chgts'], [lead('CHANGED')], []],
    ['an index that has the system name', ['CHANGED'], [lead('CHGTS')], []],
    ['no index', ['CHANGED'], [], ['CHECK_WINDOW_INDEX']],
    ['an index on another column', ['CHANGED'], [lead('ORDER_NUMBER')], ['CHECK_WINDOW_INDEX']],
    ['an index on another table', ['CHANGED'], [lead('CHANGED', 'ORDLIB/OTHER')], ['CHECK_WINDOW_INDEX']],
    ['a cursor that is no column', ['NOPE'], [lead('NOPE')], ['CHECK_WINDOW_COLUMN']],
  ])('with %s', (_, by, leads, expected) => {
    expect(codes(tableFindings(facts(), window(by), leads)).filter((c) => c !== null)).toEqual(expected);
  });

  test('the index to make stands ready to be typed', () => {
    const [found] = tableFindings(facts({ sqlName: q('ORDLIB/Order Headers') }), window(['CHGTS', 'ORDNO']), []);
    expect(found!.fix).toBe('CREATE INDEX ORDLIB.ORDHDR_CDC ON ORDLIB."Order Headers" (CHANGED, ORDER_NUMBER)');
  });
});

const journal = (more: Partial<JournalFacts> = {}): JournalFacts => ({
  name: q('ORDLIB/ORDJRN'),
  type: '*LOCAL',
  state: '*ACTIVE',
  cached: false,
  minimized: '*NONE',
  receiverMaximum: '*MAXOPT3',
  systemManaged: true,
  deletesReceivers: false,
  receivers: 2,
  attached: q('ORDLIB/RCV0002'),
  recordsUser: true,
  ...more,
});

describe('a journal', () => {
  test('that suits capture', () => {
    expect(journalFindings(journal(), 30)).toEqual([
      {
        level: 'ok',
        area: 'journal',
        subject: 'ORDLIB/ORDJRN',
        text: 'attributes suit capture',
        fix: null,
        code: null,
      },
    ]);
  });

  test.each<[Partial<JournalFacts>, string, string | null]>([
    [{ minimized: '*FLDBDY' }, 'CHECK_JOURNAL_MINIMIZED', 'CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN) MINENTDTA(*NONE)'],
    [{ state: '*STANDBY' }, 'CHECK_JOURNAL_STATE', 'CHGJRN JRN(ORDLIB/ORDJRN) JRNSTATE(*ACTIVE)'],
    [{ deletesReceivers: true }, 'CHECK_JOURNAL_DELETES', 'CHGJRN JRN(ORDLIB/ORDJRN) DLTRCV(*NO)'],
    [{ systemManaged: false }, 'CHECK_JOURNAL_MANAGED', 'CHGJRN JRN(ORDLIB/ORDJRN) MNGRCV(*SYSTEM)'],
    [{ cached: true }, 'CHECK_JOURNAL_CACHED', 'CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN) JRNCACHE(*NO)'],
    [{ receiverMaximum: '*MAXOPT2' }, 'CHECK_JOURNAL_SEQUENCE', 'RCVSIZOPT(*SYSDFT *MAXOPT3)'],
    [{ type: '*REMOTE' }, 'CHECK_JOURNAL_REMOTE', null],
    [{ recordsUser: false }, 'CHECK_JOURNAL_USER', 'FIXLENDTA(*JOB *USR *PGM)'],
  ])('%j', (more, code, fix) => {
    const found = journalFindings(journal(more), 30);
    expect(codes(found)).toEqual([code]);
    if (fix === null) expect(found[0]!.fix).toBeNull();
    else expect(found[0]!.fix).toContain(fix);
  });

  test.each(['', '*ACTIVE', 'ACTIVE', '*active'])('state %j writes entries', (state) => {
    expect(codes(journalFindings(journal({ state }), 30))).toEqual([null]);
  });

  test('how long cached entries stay unseen is said', () => {
    expect(journalFindings(journal({ cached: true }), 45)[0]!.text).toContain('up to 45 s');
  });
});

describe('receivers', () => {
  const receiver = (name: string, status: ReceiverStatus): ReceiverFacts => ({
    name: q(name),
    status,
    first: 1n,
    last: 99n,
    entries: null,
    attached: '2024-03-05T09:30:15.000000',
    detached: null,
    previous: null,
    next: null,
    sizeKb: null,
  });

  test.each<[string, ReceiverStatus[], (string | null)[]]>([
    ['one that is attached', ['ATTACHED'], [null]],
    ['a chain', ['ONLINE', 'SAVED', 'ATTACHED'], [null]],
    ['one freed in it', ['FREED', 'ATTACHED'], ['CHECK_RECEIVER_FREED']],
    ['one partial in it', ['PARTIAL', 'ATTACHED'], ['CHECK_RECEIVER_PARTIAL']],
    ['none attached', ['ONLINE', 'SAVED'], ['CHECK_RECEIVER_DETACHED']],
    ['all of it', ['FREED', 'PARTIAL'], ['CHECK_RECEIVER_FREED', 'CHECK_RECEIVER_PARTIAL', 'CHECK_RECEIVER_DETACHED']],
  ])('%s', (_, statuses, expected) => {
    const found = receiverFindings(
      journal(),
      statuses.map((s, i) => receiver(`ORDLIB/RCV000${i}`, s)),
    );
    const wrong = found.filter((f) => f.code !== null);
    expect(codes(wrong)).toEqual(expected.filter((c) => c !== null));
    // a chain is praised only where nothing in it is an error
    expect(found.some((f) => f.level === 'ok')).toBe(found.every((f) => f.level !== 'error'));
  });

  test('what is counted, and since when', () => {
    const found = receiverFindings(journal(), [receiver('L/R1', 'ONLINE'), receiver('L/R2', 'ATTACHED')]);
    expect(found[0]!.text).toBe('2 receivers, oldest attached 2024-03-05T09:30:15');
  });

  test('none visible: authority to the receivers, or to the journal where none is known', () => {
    expect(receiverFindings(journal(), [])[0]!).toMatchObject({
      code: 'CHECK_RECEIVERS_INVISIBLE',
      fix: expect.stringContaining('OBJ(ORDLIB/*ALL) OBJTYPE(*JRNRCV)'),
    });
    expect(receiverFindings(journal({ attached: null }), [])[0]!.fix).toContain('OBJ(ORDLIB/ORDJRN) OBJTYPE(*JRN)');
  });

  test('a freed one is restored by its own name', () => {
    const [found] = receiverFindings(journal(), [receiver('SAVLIB/R7', 'FREED'), receiver('L/R2', 'ATTACHED')]);
    expect(found!.fix).toBe('RSTOBJ OBJ(R7) SAVLIB(SAVLIB) OBJTYPE(*JRNRCV) DEV(...)');
  });
});
