/** Procedures of service program QSYS/QJOURNAL, each as one call. Source: what JTOpen and Debezium's connector send, docs/protocol.md#11.2. */
import { textCodec } from '../../bytes/ccsid/registry';
import { CodedError } from '../../errors/coded-error';
import type { Position, QualifiedName } from '../../model/position';
import type { ProcedureParameter, ProgramConnection } from '../../transport/programs';
import type { ApiReply } from '../entry/api-block';
import { type JournalFailure, journalFailureOf } from '../entry/host-error';
import { selectionBytes, type WantedEntries } from './selection';

/** Bytes of RRCV0100 up to and with the last number. */
const RECEIVER_LENGTH = 452;
const RECEIVER = { status: 88, last: 432, lastEnd: 452 } as const;
const ATTACHED = '1';
const NOT_THERE: ReadonlySet<JournalFailure> = new Set(['bad range', 'maybe lost']);
const ERROR_CODE: ProcedureParameter = { input: Buffer.alloc(16), output: 16 };

interface ReceiverEnd {
  readonly attached: boolean;
  /** Last number, also of an entry that journal caching still hides. */
  readonly last: bigint;
}

export class JournalCalls {
  constructor(
    private readonly programs: ProgramConnection,
    private readonly journal: QualifiedName,
  ) {}

  /** @param room bytes of the receiver variable. @returns RJNE0200, zeros at its end may be missing */
  private async received(selection: WantedEntries, room: number, signal: AbortSignal): Promise<Buffer> {
    return this.call('QjoRetrieveJournalEntries', room, signal, [
      { input: word(room) },
      { input: qualified(this.journal) },
      { input: text('RJNE0200') },
      { input: selectionBytes(selection) },
      ERROR_CODE,
    ]);
  }

  /** RJNE0200; null when nothing was selected, which the API says by a message. */
  async found(selection: WantedEntries, room: number, signal: AbortSignal): Promise<ApiReply | null> {
    try {
      const bytes = await this.received(selection, room, signal);
      return { bytes, length: bytes.length < 4 ? bytes.length : Math.min(bytes.readUInt32BE(0), room) };
    } catch (error) {
      if (journalFailureOf(error) === 'nothing') return null;
      throw error;
    }
  }

  /** One entry, whatever it is of; null when there is none with this number, or none yet. */
  async one({ receiver, sequence }: Position, room: number, signal: AbortSignal): Promise<ApiReply | null> {
    try {
      return await this.found({ receiver, from: sequence, to: sequence, most: 1 }, room, signal);
    } catch (error) {
      if (NOT_THERE.has(journalFailureOf(error))) return null;
      throw error;
    }
  }

  async receiverEnd(receiver: QualifiedName, signal: AbortSignal): Promise<ReceiverEnd> {
    const record = await this.call('QjoRtvJrnReceiverInformation', RECEIVER_LENGTH, signal, [
      { input: word(RECEIVER_LENGTH) },
      { input: qualified(receiver) },
      { input: text('RRCV0100') },
      ERROR_CODE,
    ]);
    const field = (from: number, to: number): string => textCodec(37).decode(record, from, to).trim();
    const last = record.length < RECEIVER.lastEnd ? '' : field(RECEIVER.last, RECEIVER.lastEnd);
    if (!/^\d+$/.test(last)) throw badRecord('RRCV0100', `last number "${last}"`);
    return { attached: field(RECEIVER.status, RECEIVER.status + 1) === ATTACHED, last: BigInt(last) };
  }

  /** Gives back what an entry with data behind pointers holds. */
  async release(handle: number): Promise<void> {
    await this.programs.call({
      library: 'QSYS',
      program: 'QJOURNAL',
      procedure: 'QjoDeletePointerHandle',
      returns: 'nothing',
      parameters: [{ input: word(handle) }, ERROR_CODE],
    });
  }

  private async call(
    procedure: string,
    room: number,
    signal: AbortSignal,
    parameters: readonly ProcedureParameter[],
  ): Promise<Buffer> {
    const [record] = await this.programs.call(
      {
        library: 'QSYS',
        program: 'QJOURNAL',
        procedure,
        returns: 'nothing',
        aligned: true,
        parameters: [{ output: room }, ...parameters],
      },
      { signal },
    );
    return record!;
  }
}

function qualified({ library, name }: QualifiedName): Buffer {
  return text(name.padEnd(10) + library.padEnd(10));
}

function text(value: string): Buffer {
  return textCodec(37).encode(value);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function badRecord(format: string, seen: string): CodedError {
  return new CodedError({
    code: 'ENTRY_FORMAT',
    message: `a reply of QjoRtvJrnReceiverInformation is not laid out as ${format}: ${seen}`,
    next: 'set journal.reader: sql; run again with --trace-wire FILE and report the frames',
  });
}
