/** A partition and a JTOpen that calls the journal's service program: what suites of QJOURNAL share. */
import { SimulatedPartition, type SimulatedPartitionOptions } from '../../src/simulator/simulated-partition';
import { type CommandAnswer, ebcdic, int } from './command-answers';
import { Judge, newestJtopen } from './jtopen';
import { type ReadBlock, readEntries, selectionRecords } from './rjne0200';

export type SelectionRecord = readonly [key: number, data: string];

export class JournalCaller implements AsyncDisposable {
  private constructor(
    readonly partition: SimulatedPartition,
    readonly judge: Judge,
  ) {}

  static async start(options: SimulatedPartitionOptions = {}): Promise<JournalCaller> {
    const partition = await SimulatedPartition.start(options);
    const caller = new JournalCaller(partition, Judge.start({ jar: newestJtopen() }));
    const { host, user, password } = partition;
    const { signon, database, remoteCommand: command } = partition.ports;
    await caller.judge.run('ports', { host, signon, database, command });
    await caller.judge.run('connect', { host, user, password });
    await caller.signOn('c', user, password);
    return caller;
  }

  /** Another remote command job, `c` of the calls below. */
  async signOn(c: string, user: string, password: string): Promise<void> {
    await this.judge.run('command.open', { c, host: this.partition.host, user, password });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.judge.stop();
    await this.partition.stop();
  }

  async sql(...statements: string[]): Promise<void> {
    for (const sql of statements) await this.judge.run('update', { sql });
  }

  async cl(command: string): Promise<void> {
    const answer = await this.judge.run<CommandAnswer>('command.run', { command });
    if (!answer.done) throw new Error(answer.messages[0]!.text);
  }

  service(procedure: string, parameters: readonly object[], c = 'c'): Promise<CommandAnswer> {
    return this.judge.run('command.service', { c, path: '/QSYS.LIB/QJOURNAL.SRVPGM', procedure, parameters });
  }

  /** QjoRetrieveJournalEntries; `journal` is name(10) library(10). */
  retrieve(selection: string, o: { size?: number; journal?: string; format?: string; c?: string } = {}) {
    const { size = 65_536, journal = 'QSQJRN    LIB1', format = 'RJNE0200', c = 'c' } = o;
    const inputs = [int(size), ebcdic(journal, 20), ebcdic(format), selection, int(0)];
    return this.service('QjoRetrieveJournalEntries', [{ out: size }, ...inputs.map((data) => ({ in: data }))], c);
  }

  /** The raw structure. @throws with the ids of its messages when the call fails */
  async structure(selection: string, o: Parameters<JournalCaller['retrieve']>[1] = {}): Promise<Buffer> {
    const answer = await this.retrieve(selection, o);
    if (!answer.done) throw new Error(answer.messages.map((m) => m.id).join());
    return Buffer.from(answer.outputs[0]!, 'hex');
  }

  async entries(selection: string, size?: number): Promise<ReadBlock> {
    return readEntries(await this.structure(selection, size === undefined ? {} : { size }));
  }

  /** QjoRtvJrnReceiverInformation; `receiver` is name(10) library(10). */
  receiver(receiver: string, c = 'c'): Promise<CommandAnswer> {
    const inputs = [int(512), ebcdic(receiver, 20), ebcdic('RRCV0100'), int(0)];
    return this.service('QjoRtvJrnReceiverInformation', [{ out: 512 }, ...inputs.map((data) => ({ in: data }))], c);
  }

  /** QjoRetrieveJournalInformation in RJRN0200. */
  journal(selection: string, o: { pages?: number; journal?: string; c?: string } = {}): Promise<CommandAnswer> {
    const { pages = 8, journal = 'QSQJRN    LIB1', c = 'c' } = o;
    const inputs = [int(pages), ebcdic(journal, 20), ebcdic('RJRN0200'), selection, int(0)];
    const parameters = [{ out: pages * 4096 }, ...inputs.map((data) => ({ in: data }))];
    return this.service('QjoRetrieveJournalInformation', parameters, c);
  }

  /** Message ids of a call that fails; '' when it does not. */
  async failure(answer: Promise<CommandAnswer>): Promise<string> {
    return (await answer).messages.map((m) => m.id).join();
  }
}

/** The whole chain of the attached receiver, and further selection records. */
export function wholeChain(...more: readonly SelectionRecord[]): string {
  return selectionRecords([1, ebcdic('*CURCHAIN', 40)], ...more);
}

/** JRNCDE: codes, each with what becomes of the file selection. */
export function codes(...list: readonly string[]): SelectionRecord {
  return [7, int(list.length) + list.map((c) => pairOf(c)).join('')];
}

function pairOf(code: string): string {
  const [name, which = '*ALLSLT'] = code.split(' ');
  return ebcdic(name!, 10) + ebcdic(which, 10);
}

/** FILE: `LIB/NAME` or `LIB/NAME/MEMBER`. */
export function files(...list: readonly string[]): SelectionRecord {
  const one = (text: string): string => {
    const [library, name, member = '*ALL'] = text.split('/');
    return ebcdic(name!, 10) + ebcdic(library!, 10) + ebcdic(member, 10);
  };
  return [16, int(list.length) + list.map(one).join('')];
}
