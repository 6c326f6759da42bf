/** `meta` of an event as JSON text. Entries come in runs of one job, receiver and commit cycle: each part is made once a run. */
import type { Change } from '../../model/change';
import { formatName, type Position, type QualifiedName } from '../../model/position';

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A JSON string; most text needs no escapes. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Decimal digits; numbers a double holds take the short way. */
export function digitsOf(n: bigint): string {
  return n <= 9007199254740991n ? String(Number(n)) : n.toString();
}

/** Values a row read by SQL cannot have are null. */
export class MetaText {
  private place = '';
  private mode = '';
  private table: QualifiedName | null = null;
  private journal: QualifiedName | null = null;
  private receiver: QualifiedName | null = null;
  private receiverText = '';
  private cycle = 0n;
  private cycleText = 'null';
  private user = '';
  private job = '';
  private program = '';
  private address = '';
  private doer = '"user":null,"job":null,"program":null';

  /** The members up to `program` and the address, without braces. @param sequence digits of `position.sequence` */
  of(c: Change, position: Position | null, sequence: string): string {
    const rrn = c.rrn === 0n ? 'null' : `"${digitsOf(c.rrn)}"`;
    return `${this.placeOf(c)}${this.positionOf(position, sequence)},"commitCycle":${this.cycleOf(c)},"rrn":${rrn},${this.doerOf(c)}`;
  }

  private placeOf(c: Change): string {
    const { mode, table, journal } = c;
    if (mode !== this.mode || table !== this.table || journal !== this.journal) {
      this.mode = mode;
      this.table = table;
      this.journal = journal;
      this.place = placeText(c);
    }
    return this.place;
  }

  private positionOf(position: Position | null, sequence: string): string {
    if (position === null) return '"receiver":null,"sequence":null';
    if (position.receiver !== this.receiver) {
      this.receiver = position.receiver;
      this.receiverText = receiverText(position.receiver);
    }
    return `${this.receiverText}${sequence}"`;
  }

  private cycleOf(c: Change): string {
    const cycle = c.commitCycle;
    if (cycle !== this.cycle) {
      this.cycle = cycle;
      this.cycleText = cycle === 0n ? 'null' : `"${digitsOf(cycle)}"`;
    }
    return this.cycleText;
  }

  private doerOf(c: Change): string {
    const { user, job, program, remoteAddress } = c;
    if (user !== this.user || job !== this.job || program !== this.program || remoteAddress !== this.address) {
      this.address = remoteAddress;
      this.user = user;
      this.job = job;
      this.program = program;
      this.doer = doerText(c);
    }
    return this.doer;
  }
}

/** Members up to the position, with the comma behind them. */
export function placeText({ mode, table, journal }: Change): string {
  const name = journal === null ? 'null' : quoted(formatName(journal));
  return `"mode":"${mode}","table":${quoted(formatName(table))},"journal":${name},`;
}

/** Up to the digits of the sequence number. */
export function receiverText(receiver: QualifiedName): string {
  return `"receiver":${quoted(formatName(receiver))},"sequence":"`;
}

/** The address is there only where the journal records it: `FIXLENDTA(*RMTADR)`. */
export function doerText({ user, job, program, remoteAddress }: Change): string {
  const address = remoteAddress === '' ? '' : `,"remoteAddress":${quoted(remoteAddress)}`;
  return `"user":${orNull(user)},"job":${orNull(job)},"program":${orNull(program)}${address}`;
}

function orNull(text: string): string {
  return text === '' ? 'null' : quoted(text);
}
