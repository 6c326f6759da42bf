/** DISPLAY_JOURNAL and QjoRetrieveJournalEntries: which receivers, which bounds, which filters; and the ways it fails when they are wrong. */
import { SqlFailure } from '../../sql-session';
import type { EntryRow, ReadRequest } from '../contract';
import { CpfFailure, objectNotFound } from '../failures';
import type { Files } from '../files/files';
import type { Authority } from '../jobs/authority';
import type { Journal } from './journal';
import { FLAG, type JournalEntries, type ScanFilter, type StoredEntry } from './journal-entries';
import { type Journals, unavailable } from './journals';
import type { Receiver } from './receiver';

const CHUNK = 512;
/** The function takes at most this many object names. */
const MAX_OBJECTS = 300;
const ROUTINE = 'DISPLAY_JOURNAL';

interface Stretch {
  readonly receiver: Receiver;
  readonly from: number;
  readonly to: number;
}

export class SimulatedJournalReader {
  constructor(
    private readonly journals: Journals,
    private readonly files: Files,
    private readonly entries: JournalEntries,
    private readonly authority: Authority,
  ) {}

  /** Bounds and authority are checked before the first chunk. @throws SqlFailure -443 with the CPF text */
  read(user: string, request: ReadRequest): Generator<EntryRow[], void, void> {
    try {
      if (request.objects?.length && !request.member) {
        this.checkAuthority(user, this.journalOf(request), request);
        throw memberNotValid();
      }
      return asSql(this.retrieve(user, request));
    } catch (error) {
      if (error instanceof CpfFailure) throw error.toSqlFailure(ROUTINE);
      throw error;
    }
  }

  /** The same under the API: failures are escape messages. @throws CpfFailure */
  retrieve(user: string, request: ReadRequest): Generator<EntryRow[], void, void> {
    const journal = this.journalOf(request);
    this.checkAuthority(user, journal, request);
    const objects = this.objectFilter(request);
    journal.flushIfDue();
    const stretches = this.stretches(user, journal, request);
    return this.walk(stretches, this.filter(request, objects), request);
  }

  private journalOf(request: ReadRequest): Journal {
    const journal = this.journals.find(request.journalLibrary, request.journalName);
    if (!journal) throw objectNotFound(request.journalLibrary, request.journalName);
    return journal;
  }

  private checkAuthority(user: string, journal: Journal, request: ReadRequest): void {
    const { library, name } = journal;
    this.authority.check(user, { library, name, type: '*JRN' }, '*USE');
    if (!request.objects?.length) this.authority.check(user, { library, name, type: '*JRN' }, '*OBJEXIST');
    for (const o of request.objects ?? []) this.authority.check(user, { ...o, type: '*FILE' }, '*USE');
  }

  /** Entries of the file that exists now, found by its journal identifier: those of a namesake deleted before are missed. */
  private objectFilter(request: ReadRequest): number[] | undefined {
    const { objects } = request;
    if (!objects?.length) return undefined;
    if (objects.length > MAX_OBJECTS) throw new CpfFailure('CPF7054', 'Too many objects: 300 is the maximum.');
    const members = new Map<string, string[]>();
    for (const o of objects) {
      const file = this.files.find(o.library, o.name);
      if (!file?.journalIdentifier)
        throw new CpfFailure(
          'CPF7060',
          'Object not found or not journaled in the receiver range.',
          `Object ${o.name} in ${o.library} type *FILE.`,
        );
      const identifier = file.journalIdentifier.toString('hex');
      members.set(identifier, [...(members.get(identifier) ?? []), o.member ?? request.member ?? '*ALL']);
    }
    return [...this.entries.allObjects()]
      .filter(({ member, journalIdentifier }) => {
        if (!journalIdentifier) return false;
        const wanted = members.get(Buffer.from(journalIdentifier).toString('hex'));
        return wanted?.some((w) => w === '*ALL' || w === '*FIRST' || member === '' || member === w) ?? false;
      })
      .map((o) => o.id);
  }

  private filter(request: ReadRequest, objects: number[] | undefined): ScanFilter {
    const types = request.types?.filter((t) => t !== '*ALL') ?? [];
    const records = types.includes('*RCD');
    const codes = records ? ['R'] : codeList(request.codes);
    const named = types.filter((t) => t !== '*RCD');
    const origins = this.originFilter(request);
    return {
      ...(codes ? { codes } : {}),
      ...(named.length > 0 && !records ? { types: named } : {}),
      ...(objects ? { objects } : {}),
      ...(origins ? { origins } : {}),
      ...(request.commitCycle == null ? {} : { ccid: Number(request.commitCycle) }),
      ...(objects && request.codesOfAnyObject ? { codesOfAnyObject: request.codesOfAnyObject } : {}),
      internal: request.includeInternal ?? false,
      dependent: request.dependent ?? true,
    };
  }

  private originFilter(request: ReadRequest): number[] | undefined {
    const { user, job, program } = request;
    if (!user && !job && !program) return undefined;
    const [number, owner, name] = job?.includes('/') ? job.split('/') : [null, null, job];
    return [...this.entries.allOrigins()]
      .filter((o) => !user || o.userName === user)
      .filter((o) => !program || o.program === program)
      .filter((o) => !name || o.jobName === name)
      .filter((o) => !number || (o.jobNumber === number && o.jobUser === owner))
      .map((o) => o.id);
  }

  private stretches(user: string, journal: Journal, request: ReadRequest): Stretch[] {
    const range = this.receiverRange(journal, request);
    for (const r of range) {
      this.authority.check(user, { library: r.library, name: r.name, type: '*JRNRCV' }, '*USE');
      if (!r.readable) throw unavailable(r);
    }
    const all = range.map((receiver) => ({ receiver, from: receiver.firstSeq, to: receiver.readableSeq }));
    return cutAtSequences(this.startAt(all, request), all, request);
  }

  private receiverRange(journal: Journal, request: ReadRequest): readonly Receiver[] {
    const start = request.startingReceiver ?? '*CURRENT';
    const attached = journal.attachedReceiver;
    if (start === '*CURRENT') return [attached];
    const chain = journal.receivers.filter((r) => r.chain === attached.chain);
    const linked = lastLinked(chain);
    if (start === '*CURCHAIN') return linked;
    if (start === '*CURAVLCHN') {
      const gone = linked.findLastIndex((r) => !r.readable);
      return linked.slice(gone + 1);
    }
    if (start === '*CURSEQCHN') {
      const reset = linked.findLastIndex((r, i) => i > 0 && r.first <= linked[i - 1]!.last);
      return linked.slice(Math.max(0, reset));
    }
    const first = this.named(journal, request.startingReceiverLibrary, start);
    const end = request.endingReceiver ?? '*CURRENT';
    const last = end === '*CURRENT' ? attached : this.named(journal, request.endingReceiverLibrary, end);
    return between(journal, first, last);
  }

  private named(journal: Journal, library: string | null | undefined, name: string): Receiver {
    const wanted = library && !library.startsWith('*') ? library : null;
    const found = journal.receivers.find((r) => r.name === name && (wanted === null || r.library === wanted));
    if (!found) throw objectNotFound(wanted ?? '*LIBL', name);
    return found;
  }

  private startAt(all: readonly Stretch[], request: ReadRequest): readonly Stretch[] {
    const since = request.startingTimestamp;
    if (!since) return all;
    for (const [i, s] of all.entries()) {
      const from = this.entries.firstSince(s.receiver.entryBase, s.from, s.to, '>=', since);
      if (from !== null) return [{ ...s, from }, ...all.slice(i + 1)];
    }
    return [];
  }

  private *walk(
    stretches: readonly Stretch[],
    filter: ScanFilter,
    { endingTimestamp, room }: ReadRequest,
  ): Generator<EntryRow[], void, void> {
    const until = endingTimestamp ?? null;
    for (const stretch of stretches) {
      const { receiver } = stretch;
      const stop =
        until === null ? null : this.entries.firstSince(receiver.entryBase, stretch.from, stretch.to, '>', until);
      const to = stop === null ? stretch.to : stop - 1;
      for (let from = stretch.from; from <= to; ) {
        if (!receiver.readable) throw unavailable(receiver);
        const most = room ? Math.min(CHUNK, Math.max(1, room())) : CHUNK;
        const chunk = this.entries.scan(receiver.entryBase, from, to, filter, most);
        if (chunk.length > 0) yield chunk.map((e) => this.entryRow(receiver, e));
        if (chunk.length < most) break;
        from = chunk.at(-1)![0] + 1;
      }
      if (stop !== null) return;
    }
  }

  private entryRow(receiver: Receiver, stored: StoredEntry): EntryRow {
    const [seq, timestamp, code, type, object, rrn, ccid, nest, flag, flags, origin, nulls, data] = stored;
    return {
      receiver,
      sequence: receiver.base + BigInt(seq),
      timestamp,
      code,
      type,
      rrn,
      commitCycle: ccid === 0 ? 0n : receiver.base + BigInt(ccid),
      nestedCommitLevel: nest,
      flag,
      nulls,
      data,
      object: this.entries.object(object),
      origin: this.entries.origin(origin),
      trigger: (flags & FLAG.trigger) !== 0,
      referential: (flags & FLAG.referential) !== 0,
      ignoreOnApply: (flags & FLAG.ignore) !== 0,
      minimized: (flags & FLAG.minimized) !== 0,
      minimizedOnField: (flags & FLAG.minimizedOnField) !== 0,
      internal: (flags & FLAG.internal) !== 0,
    };
  }
}

/** Failures met while reading on, as SQL shows them. */
function* asSql(chunks: Generator<EntryRow[], void, void>): Generator<EntryRow[], void, void> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof CpfFailure) throw error.toSqlFailure(ROUTINE);
    throw error;
  }
}

/** Both ends inclusive; each must lie in the range, and means its first occurrence in it. */
function cutAtSequences(from: readonly Stretch[], all: readonly Stretch[], request: ReadRequest): Stretch[] {
  const start = request.startingSequence ?? null;
  const end = request.endingSequence ?? null;
  let result = [...from];
  if (start !== null && end !== null && all.length === 1 && start > end)
    throw new CpfFailure('CPF7054', 'FROM and TO values not valid.');
  if (start !== null) {
    const i = holding(result, start);
    if (i < 0) throw sequenceNotFound();
    const at = result[i]!;
    result = [{ ...at, from: Number(start - at.receiver.base) }, ...result.slice(i + 1)];
  }
  if (end !== null) {
    const i = holding(result, end);
    if (i < 0)
      throw holding(all, end) >= 0 ? new CpfFailure('CPF7054', 'FROM and TO values not valid.') : sequenceNotFound();
    const at = result[i]!;
    result = [...result.slice(0, i), { ...at, to: Number(end - at.receiver.base) }];
  }
  return result;
}

function holding(stretches: readonly Stretch[], sequence: bigint): number {
  return stretches.findIndex(
    ({ receiver, from, to }) =>
      from > 0 && sequence >= receiver.base + BigInt(from) && sequence <= receiver.base + BigInt(to),
  );
}

function between(journal: Journal, first: Receiver, last: Receiver): readonly Receiver[] {
  const a = journal.receivers.indexOf(first);
  const b = journal.receivers.indexOf(last);
  if (b < a)
    throw new CpfFailure('CPF7074', 'RCVRNG for specified journal not valid: receivers are not oldest to newest.');
  const range = journal.receivers.slice(a, b + 1);
  if (lastLinked(range).length !== range.length)
    throw new CpfFailure(
      'CPF7053',
      'Values for RCVRNG parameter not correct; reason code 3: break in the receiver chain.',
    );
  return range;
}

/** The newest run of receivers without a break. */
function lastLinked(chain: readonly Receiver[]): readonly Receiver[] {
  let from = chain.length - 1;
  while (from > 0) {
    const previous = chain[from]!.previousName;
    const before = chain[from - 1]!;
    if (previous?.name !== before.name || previous.library !== before.library) break;
    from--;
  }
  return chain.slice(Math.max(0, from));
}

function codeList(codes: readonly string[] | undefined): string[] | undefined {
  const listed = codes?.filter((c) => c !== '*ALL') ?? [];
  if (listed.length === 0) return undefined;
  return listed.flatMap((c) => (c === '*CTL' ? ['C', 'J'] : [c]));
}

function sequenceNotFound(): CpfFailure {
  return new CpfFailure('CPF7053', 'STARTING_SEQUENCE OR ENDING_SEQUENCE NOT FOUND');
}

function memberNotValid(): SqlFailure {
  return new SqlFailure(-443, '38501', 'MEMBER NOT VALID', [ROUTINE, ROUTINE, 'MEMBER NOT VALID']);
}
