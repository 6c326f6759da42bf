/** Entries beyond rows: the table of docs/journal.md, row by row, and what CL makes of a file on the simulated partition. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommitCycles } from '../../src/journal/cycle/commit-cycles';
import { CycleSpill } from '../../src/journal/cycle/cycle-spill';
import { EntryProcessor } from '../../src/journal/cycle/entry-processor';
import { HAPPENING_KINDS } from '../../src/journal/cycle/table-events';
import { isNotice, type JournalUnit } from '../../src/journal/cycle/unit';
import type { BlockEntry } from '../../src/journal/entry/block-entry';
import { FATE_NAMES } from '../../src/journal/ledger/ledger';
import { LEDGER_SCHEMA, LedgerTable } from '../../src/journal/ledger/table';
import { LedgerWriter } from '../../src/journal/ledger/writer';
import { gapMending, gapText } from '../../src/journal/position/gap-advice';
import { GAP_SCHEMA, GapTable, type TableGap } from '../../src/journal/position/gap-table';
import type { TableNotice } from '../../src/model/change';
import { formatName } from '../../src/model/position';
import { Store } from '../../src/store/store';
import { entry, JOURNAL, names, RECEIVER } from './support';
import { captured, JournalWorld } from './world';

interface Row {
  readonly entry: string;
  readonly event: string;
  readonly alert: boolean;
  readonly relayout: boolean;
  readonly gap: string | undefined;
}

const GAPS: Record<string, string | undefined> = { '': undefined, here: 'here', 'from here on': 'opens', end: 'ends' };

function documented(): { rows: Row[]; silent: string[] } {
  const text = readFileSync(join(__dirname, '../../docs/journal.md'), 'utf8');
  const section = text.slice(text.indexOf('## Entries beyond rows'), text.indexOf('### Changes not seen'));
  const codes = (cell: string): string[] => [...cell.matchAll(/`([FD] \w\w)`/g)].map((m) => m[1]!);
  const rows = section
    .split('\n')
    .filter((line) => /^\| `[FD] /.test(line))
    .flatMap((line) => {
      const [, first, event, alert, format, gap] = line.split('|').map((cell) => cell.trim());
      return codes(first!).map((code) => ({
        entry: code,
        event: event!.replaceAll('`', ''),
        alert: alert === 'yes',
        relayout: format === 'read again',
        gap: GAPS[gap!],
      }));
    });
  const silent = codes(section.slice(section.indexOf('Entries of no event')));
  return { rows, silent };
}

const { rows, silent } = documented();

let store: Store;
beforeEach(() => {
  store = Store.open(':memory:', [LEDGER_SCHEMA, GAP_SCHEMA]);
});
afterEach(() => store.close());

function processor(): { processor: EntryProcessor; fateOf: (sequence: bigint) => string } {
  const table = new LedgerTable(store);
  const ledger = new LedgerWriter(JOURNAL, table, RECEIVER);
  const cycles = new CommitCycles({ items: 9, bytes: 1e6 }, new CycleSpill(store, JOURNAL, names), () => {});
  return {
    processor: new EntryProcessor(JOURNAL, cycles, ledger, { replay: null, headsUpTo: 0n }),
    fateOf: (sequence) => {
      ledger.flush(RECEIVER);
      return FATE_NAMES[table.runs(JOURNAL, RECEIVER, sequence, sequence).at(-1)!.fate]!;
    },
  };
}

/** As the reader does: the format is read, and the entry fed again. */
function dealt(p: EntryProcessor, met: BlockEntry): void {
  while (p.process(met).is === 'relayout');
}

test('the table has every event there is', () => {
  expect(rows.map((r) => r.entry.replace(' ', '')).sort()).toEqual([...HAPPENING_KINDS].sort());
});

describe.each(rows)('$entry', ({ entry: code, event, alert, relayout, gap }) => {
  const kind = code.replace(' ', '');

  test(`is ${event}`, () => {
    const p = processor();
    const met = entry({ kind, sequence: 7, file: 'ORDHDR' });
    if (relayout) {
      expect(p.processor.process(met)).toMatchObject({ is: 'relayout', file: { name: 'ORDHDR' } });
      expect(p.processor.takePending()).toEqual([]);
    }
    expect(p.processor.process(met).is).toBe('none');
    const [notice] = p.processor.takePending() as TableNotice[];
    expect(notice).toMatchObject({ kind: event, table: { name: 'ORDHDR' }, facts: { alert, entry: code } });
    expect(notice!.facts['gap']).toBe(gap);
    expect(p.fateOf(7n)).toBe('notice');
  });

  test('waits for the commit, and goes with a rollback', () => {
    const { processor: p } = processor();
    dealt(p, entry({ kind, sequence: 7, file: 'ORDHDR', cycle: 5 }));
    dealt(p, entry({ kind, sequence: 8, file: 'ORDHDR', cycle: 6 }));
    expect(p.takePending()).toEqual([]);
    p.process(entry({ kind: 'CRB', sequence: 9, cycle: 5 }));
    p.process(entry({ kind: 'CCM', sequence: 10, cycle: 6 }));
    const [committed, ...rest] = p.takePending();
    expect(rest).toEqual([]);
    const items = committed && 'cycle' in committed ? [...committed.cycle.items] : [];
    expect(items.map((i) => isNotice(i) && [i.kind, i.position.sequence])).toEqual([[event, 8n]]);
  });

  test(gap === 'opens' ? 'has the format read before the next record' : 'leaves the format of the next record', () => {
    const { processor: p } = processor();
    dealt(p, entry({ kind, sequence: 7, file: 'ORDHDR' }));
    p.takePending();
    const record = (sequence: number) => entry({ kind: 'RPT', sequence, file: 'ORDHDR', rrn: 1, data: 'x' });
    const demand = p.process(record(8));
    if (gap !== 'opens') {
      expect(demand.is).toBe('none');
      return;
    }
    expect(demand).toMatchObject({ is: 'relayout', file: { name: 'ORDHDR' }, at: { sequence: 8n } });
    expect(p.takePending()).toEqual([]);
    expect(p.process(record(8)).is).toBe('none');
    expect(p.takePending()).toHaveLength(1);
    expect(p.process(record(9)).is).toBe('none');
  });
});

test.each(silent)('%s changes nothing, and is in the ledger', (code) => {
  const p = processor();
  expect(p.processor.process(entry({ kind: code.replace(' ', ''), sequence: 7, file: 'ORDHDR' })).is).toBe('none');
  expect(p.processor.takePending()).toEqual([]);
  expect(p.fateOf(7n)).toBe('no change');
});

describe('stretches without entries', () => {
  const table = 'ORDLIB/ORDHDR';
  const at = (sequence: number) => ({ receiver: RECEIVER, sequence: BigInt(sequence) });
  const news = (kind: string, sequence: number) => ({ table, journal: JOURNAL, kind, at: at(sequence) });
  let gaps: GapTable;
  beforeEach(() => {
    gaps = new GapTable(store);
  });

  test('the first place stays, the gravest reason counts, entries that come again end it, a later backfill settles it', () => {
    gaps.opens(news('member.deleted', 5), 100);
    gaps.opens(news('table.deleted', 6), 101);
    gaps.opens(news('member.renamed', 7), 102);
    gaps.here(news('table.restored', 8), 103);
    expect(gaps.find('ORDLIB/ORDHDR')).toMatchObject({ kind: 'table.deleted', from: at(5), until: null, seenAt: 100 });
    expect(gaps.open()).toEqual([table]);
    expect(gaps.readWhole(table, 999)).toBe(false);
    expect(gaps.ends(table, at(9), 110)).toBe(true);
    expect(gaps.ends(table, at(10), 111)).toBe(false);
    expect(gaps.find(table)).toMatchObject({ kind: 'table.deleted', from: at(5), until: at(9) });
    expect(gaps.readWhole(table, 109)).toBe(false);
    expect(gaps.readWhole(table, 110)).toBe(true);
    expect(gaps.list()).toEqual([]);
  });

  test('rows changed at one place, then the file went: one stretch from the first on', () => {
    gaps.here(news('table.initialized', 3), 100);
    expect(gaps.find(table)).toMatchObject({ from: at(3), until: at(3) });
    gaps.opens(news('journaling.ended', 4), 101);
    expect(gaps.find(table)).toMatchObject({ kind: 'journaling.ended', from: at(3), until: null });
  });

  test('an open one the operator accepted is out of sight, not forgotten', () => {
    gaps.opens(news('journaling.ended', 4), 100);
    gaps.acknowledge(table);
    expect(gaps.list()).toEqual([]);
    expect(gaps.open()).toEqual([table]);
    gaps.ends(table, at(9), 101);
    gaps.acknowledge(table);
    expect(store.db.prepare('SELECT count(*) FROM journal_gap').pluck().get()).toBe(0);
  });

  test.each([
    ['journaling.ended', 'STRJRNPF FILE(ORDLIB/ORDHDR) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)'],
    ['table.renamed', expect.stringContaining('RNMOBJ OBJ(ORDLIB/NEWNAME) OBJTYPE(*FILE) NEWOBJ(ORDHDR)')],
    ['table.moved', expect.stringContaining('MOVOBJ OBJ(NEWLIB/ORDHDR) OBJTYPE(*FILE) TOLIB(ORDLIB)')],
    ['member.renamed', expect.stringContaining('RNMM FILE(ORDLIB/ORDHDR)')],
    ['member.deleted', 'ADDPFM FILE(ORDLIB/ORDHDR) MBR(ORDHDR)'],
    ['table.deleted', expect.stringContaining('create ORDLIB/ORDHDR again')],
  ])('%s says what mends it', (kind, first) => {
    gaps.opens(news(kind, 4), 100);
    const open = gaps.find(table) as TableGap;
    expect(gapMending(open)[0]).toEqual(first);
    expect(gapMending(open).at(-1)).toBe('ibmi-cdc backfill --table ORDLIB/ORDHDR');
    expect(gapText(open)).toBe(`${kind} at ORDLIB/RCV0001:4: changes are not seen from there on`);
    gaps.ends(table, at(9), 101);
    expect(gapMending(gaps.find(table)!)).toEqual(['ibmi-cdc backfill --table ORDLIB/ORDHDR']);
  });
});

describe('by command', () => {
  let world: JournalWorld;
  beforeEach(async () => {
    world = await JournalWorld.open({ tables: ['STOCK'] });
    await world.insert('STOCK', 1, 'a');
    await world.insert('STOCK', 2, 'b');
    await world.cl('SAVOBJ OBJ(STOCK) LIB(APPLIB) DEV(*SAVF) SAVF(APPLIB/S)');
    await world.read({ tables: [captured('STOCK')] });
  });
  afterEach(() => world[Symbol.dispose]());

  test.each<[string, string[]]>([
    ['CLRPFM FILE(APPLIB/STOCK)', ['table.cleared']],
    ['RGZPFM FILE(APPLIB/STOCK)', ['table.reorganized']],
    ['RSTOBJ OBJ(STOCK) SAVLIB(APPLIB) DEV(*SAVF) SAVF(APPLIB/S)', ['table.restored', 'table.restored']],
    ['ENDJRNPF FILE(APPLIB/STOCK)', ['journaling.ended', 'journaling.ended']],
    ['DLTF FILE(APPLIB/STOCK)', ['member.deleted', 'table.deleted']],
    ['RNMOBJ OBJ(APPLIB/STOCK) OBJTYPE(*FILE) NEWOBJ(OTHER)', ['table.renamed', 'member.renamed']],
    ['MOVOBJ OBJ(APPLIB/STOCK) OBJTYPE(*FILE) TOLIB(OTHERLIB)', ['table.moved', 'member.moved']],
    ['RNMM FILE(APPLIB/STOCK) MBR(STOCK) NEWMBR(OTHER)', ['member.renamed']],
    ['RMVM FILE(APPLIB/STOCK) MBR(STOCK)', ['member.deleted']],
  ])('%s', async (command, kinds) => {
    await world.cl('CRTLIB OTHERLIB');
    await world.cl(command);
    expect(await world.read({ tables: [captured('STOCK')] })).toEqual(kinds.map((kind) => `${kind} STOCK`));
  });

  test('INZPFM', async () => {
    await world.sql('CREATE TABLE APPLIB.BLANK (ID INTEGER NOT NULL DEFAULT 0, VAL CHAR(8) NOT NULL DEFAULT)');
    await world.cl('STRJRNPF FILE(APPLIB/BLANK) JRN(APPLIB/APPJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
    await world.cl('INZPFM FILE(APPLIB/BLANK) RECORDS(*DFT) TOTRCDS(3)');
    expect(await world.read({ tables: [captured('BLANK')] })).toContain('table.initialized BLANK');
  });

  test('ADDPFM, CHGJRNOBJ and a constraint: the member is told, the rest is noted', async () => {
    await world.cl('RMVM FILE(APPLIB/STOCK) MBR(STOCK)');
    await world.cl('ADDPFM FILE(APPLIB/STOCK) MBR(STOCK)');
    await world.cl('CHGJRNOBJ OBJ((APPLIB/STOCK *FILE)) ATR(*IMAGES) IMAGES(*AFTER)');
    expect(await world.read({ tables: [captured('STOCK')] })).toEqual([
      'member.deleted STOCK',
      'member.created STOCK',
      'journaling.started STOCK',
    ]);
  });

  // met by random histories: a kill between the notice and the reading of the format left the old format for what followed
  test('a changed format is read before its notice is committed; a kill in between loses no entry', async () => {
    const tables = [captured('STOCK')];
    const killed = () => Promise.reject(new Error('killed'));
    await world.sql('ALTER TABLE APPLIB.STOCK ADD COLUMN MORE CHAR(3)');
    const seen: string[] = [];
    const unit = (u: JournalUnit) => {
      for (const i of u.items()) seen.push(isNotice(i) ? i.kind : i.op);
    };
    await expect(world.read({ tables }, { unit, relayout: killed })).rejects.toThrow('killed');
    expect(seen).not.toContain('schema.changed');
    await world.read({ tables }, { unit });
    expect(seen.filter((what) => what === 'schema.changed')).toHaveLength(1);
    // the same at a record whose format may have changed unseen
    await world.sql("INSERT INTO APPLIB.STOCK (ID, VAL) VALUES (3, 'c')");
    const stale = [{ library: 'APPLIB', name: 'STOCK' }];
    await expect(world.read({ tables }, { unit, stale, relayout: killed })).rejects.toThrow('killed');
    await world.read({ tables }, { unit, stale });
    expect(seen.at(-1)).toBe('insert');
  });

  test('stopped, altered and started again while nobody looked: the format is read before the next record', async () => {
    const order: string[] = [];
    const tables = [captured('STOCK')];
    const look = (stale: string[] = []) =>
      world.read(
        { tables },
        {
          stale: stale.map((name) => ({ library: 'APPLIB', name })),
          relayout: async (file) => void order.push(`format of ${formatName(file)}`),
          unit: (u) => {
            for (const i of u.items()) order.push(isNotice(i) ? i.kind : i.op);
          },
        },
      );
    await world.cl('ENDJRNPF FILE(APPLIB/STOCK)');
    await world.cl('STRJRNPF FILE(APPLIB/STOCK) JRN(APPLIB/APPJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
    await world.insert('STOCK', 3, 'c');
    await world.insert('STOCK', 4, 'd');
    await look();
    const ended = ['journaling.ended', 'journaling.ended', 'journaling.started', 'journaling.started'];
    expect(order).toEqual([...ended, 'format of APPLIB/STOCK', 'insert', 'insert']);

    // the same with a restart in between: what was open then is handed to the next reader
    order.length = 0;
    await world.cl('ENDJRNPF FILE(APPLIB/STOCK)');
    await look();
    await world.cl('STRJRNPF FILE(APPLIB/STOCK) JRN(APPLIB/APPJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
    await world.insert('STOCK', 5, 'e');
    await look(['STOCK']);
    expect(order).toEqual([...ended, 'format of APPLIB/STOCK', 'insert']);
  });
});
