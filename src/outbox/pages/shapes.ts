/** What many events have in common (type, table, rule, journal, receiver, destinations), written once and referred to by number. */
import type { Database } from 'better-sqlite3';
import type { EventDraft } from '../../model/event';
import { formatName, type QualifiedName } from '../../model/position';
import { checkRow, rowSum, summedColumns } from './row-sum';
import { damaged } from './summed';

export interface Shape {
  readonly no: number;
  /** Destination numbers, comma separated. */
  readonly destinations: string;
  readonly destinationNumbers: readonly number[];
  readonly type: string;
  readonly version: string;
  readonly table: string;
  readonly rule: string;
  readonly contentType: string;
  readonly tombstone: boolean;
  /** Payload is encrypted. */
  readonly sealed: boolean;
  readonly journal: string | null;
  readonly receiver: string | null;
}

type Facts = Pick<EventDraft, 'version' | 'table' | 'rule' | 'contentType' | 'tombstone' | 'journal'> & {
  readonly receiver: QualifiedName | null;
};

interface Recent {
  readonly draft: Facts;
  readonly destinations: string;
  readonly sealed: boolean;
  readonly shape: Shape;
}

type Row = [
  no: number,
  destinations: string,
  type: string,
  version: string,
  table: string,
  rule: string,
  contentType: string,
  tombstone: number,
  sealed: number,
  journal: string,
  receiver: string,
  sum: number | null,
];

/** More would mean that something that varies by event got into a shape. */
const CACHED = 20_000;

export class Shapes {
  private readonly byText = new Map<string, Shape>();
  private readonly byNo = new Map<number, Shape>();
  /** Written in a transaction that may yet be rolled back. */
  private unconfirmed: [string, Shape][] = [];
  /** The last event of each type: the next one is nearly always of the same shape. */
  private readonly recent = new Map<string, Recent>();
  private readonly insert;
  private readonly select;
  private readonly find;
  private readonly sign;
  private readonly names = new Map<QualifiedName, string>();

  constructor(db: Database) {
    this.insert = db.prepare(
      `INSERT INTO outbox_shape (destinations, type, version, tbl, rule, content_type, tombstone, sealed, journal, receiver)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.find = db
      .prepare(
        `SELECT no FROM outbox_shape WHERE destinations = ? AND type = ? AND version = ? AND tbl = ? AND rule = ?
           AND content_type = ? AND tombstone = ? AND sealed = ? AND journal = ? AND receiver = ?`,
      )
      .pluck();
    this.select = db.prepare(`SELECT ${summedColumns('outbox_shape')} FROM outbox_shape WHERE no = ?`).raw();
    this.sign = db.prepare('UPDATE outbox_shape SET sum = ? WHERE no = ? AND sum IS NULL');
  }

  /** Call at the beginning of each transaction that will ask {@link of}. */
  confirm(): void {
    this.recent.clear();
    if (this.unconfirmed.length === 0) return;
    for (const [text, shape] of this.unconfirmed) {
      if (this.select.get(shape.no) !== undefined) continue;
      this.byText.delete(text);
      this.byNo.delete(shape.no);
    }
    this.unconfirmed = [];
  }

  of(draft: EventDraft, destinations: string, sealed: boolean): Shape {
    const recent = this.recent.get(draft.type);
    if (recent !== undefined && isAlike(recent, draft, destinations, sealed)) return recent.shape;
    const shape = this.byFields(draft, destinations, sealed);
    if (this.recent.size >= 1000) this.recent.clear();
    this.recent.set(draft.type, { draft: factsOf(draft), destinations, sealed, shape });
    return shape;
  }

  private byFields(draft: EventDraft, destinations: string, sealed: boolean): Shape {
    const [journal, receiver] = this.originOf(draft);
    const text = `${draft.type}\n${draft.table}\n${draft.rule}\n${receiver}\n${destinations}\n${draft.version}\n${journal}\n${draft.contentType}\n${draft.tombstone}${sealed}`;
    return this.byText.get(text) ?? this.register(text, draft, destinations, sealed);
  }

  /** Names of journal and receiver, empty where an event comes from none. */
  private originOf({ journal, position }: EventDraft): readonly [string, string] {
    return [journal === null ? '' : this.nameOf(journal), position === null ? '' : this.nameOf(position.receiver)];
  }

  get(no: number): Shape {
    return this.byNo.get(no) ?? this.load(no);
  }

  private register(text: string, draft: EventDraft, destinations: string, sealed: boolean): Shape {
    const [journal, receiver] = this.originOf(draft);
    const { type, version, table, rule, contentType, tombstone } = draft;
    const values = [destinations, type, version, table, rule, contentType, +tombstone, +sealed, journal, receiver];
    const isNew = this.insert.run(...values).changes > 0;
    const no = this.find.get(...values) as number;
    if (isNew) this.sign.run(rowSum([no, ...values]), no);
    const shape = this.load(no);
    if (this.byText.size >= CACHED) this.byText.clear();
    this.byText.set(text, shape);
    this.unconfirmed.push([text, shape]);
    return shape;
  }

  private load(no: number): Shape {
    const row = this.select.get(no) as Row | undefined;
    if (row === undefined) throw damaged('outbox_shape');
    checkRow('outbox_shape', row);
    const [, destinations, type, version, table, rule, contentType, tombstone, sealed, journal, receiver] = row;
    const shape: Shape = {
      no,
      destinations,
      destinationNumbers: destinations.split(',').map(Number),
      type,
      version,
      table,
      rule,
      contentType,
      tombstone: tombstone === 1,
      sealed: sealed === 1,
      journal: journal || null,
      receiver: receiver || null,
    };
    if (this.byNo.size >= CACHED) this.byNo.clear();
    this.byNo.set(no, shape);
    return shape;
  }

  /** By identity: a reader hands out the same name object for a whole block. */
  private nameOf(name: QualifiedName): string {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    if (this.names.size >= 1000) this.names.clear();
    const text = formatName(name);
    this.names.set(name, text);
    return text;
  }
}

function factsOf({ version, table, rule, contentType, tombstone, journal, position }: EventDraft): Facts {
  return { version, table, rule, contentType, tombstone, journal, receiver: position?.receiver ?? null };
}

/** Names by identity: a reader hands out the same name object for a whole block. */
function isAlike(recent: Recent, next: EventDraft, destinations: string, sealed: boolean): boolean {
  const { draft } = recent;
  return (
    draft.rule === next.rule &&
    draft.table === next.table &&
    draft.tombstone === next.tombstone &&
    draft.version === next.version &&
    draft.contentType === next.contentType &&
    draft.journal === next.journal &&
    draft.receiver === (next.position?.receiver ?? null) &&
    recent.destinations === destinations &&
    recent.sealed === sealed
  );
}
