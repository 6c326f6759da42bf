/** What runs behind the remote command server: CL through the partition's command interpreter, programs of QSYS from a table. */
import { textCodec } from '../../bytes/ccsid/registry';
import type { CallOutcome, CallParameter, CommandEngine, CommandMessage, CommandSession } from '../command-session';
import { runCommand } from '../partition/cl/run';
import { CpfFailure } from '../partition/failures';
import type { Partition } from '../partition/partition';
import { type JobIdentity, SqlFailure } from '../sql-session';
import { retrieveCurrentAttributes } from './current-attributes';
import { PointerHandles } from './journal/pointer-handles';
import { retrieveFileDescription } from './objects/file-description';
import { retrieveObjectDescription } from './objects/object-description';
import { ParameterList, type Program, type ProgramContext } from './program';
import { callServiceProgram } from './service-program';

const PROGRAMS: Readonly<Record<string, Program>> = {
  QDBRTVFD: retrieveFileDescription,
  QUSROBJD: retrieveObjectDescription,
  QWCRTVCA: retrieveCurrentAttributes,
  QZRUCLSP: callServiceProgram,
};

export class PartitionCommandEngine implements CommandEngine {
  private readonly sessions = new Set<ProgramSession>();

  constructor(private readonly partition: Partition) {}

  /** Pointer handles that the jobs hold now. */
  get pointerHandles(): number {
    return [...this.sessions].reduce((sum, session) => sum + session.context.handles.count, 0);
  }

  openSession(identity: JobIdentity): CommandSession {
    const { partition } = this;
    const job = partition.openJob(identity);
    job.program = { name: 'QZRCSRVS', library: 'QSYS' };
    const session = new ProgramSession({ partition, job, handles: new PointerHandles() }, () =>
      this.sessions.delete(session),
    );
    this.sessions.add(session);
    return session;
  }
}

class ProgramSession implements CommandSession {
  constructor(
    readonly context: ProgramContext,
    private readonly ended: () => void,
  ) {}

  run(command: string): readonly CommandMessage[] | null {
    this.context.job.load.charge('call');
    try {
      runCommand(this.context.partition, this.context.job, command);
      return null;
    } catch (error) {
      return [messageOf(error)];
    }
  }

  call(library: string, name: string, parameters: readonly CallParameter[]): CallOutcome {
    const program = library === 'QSYS' || library === '*LIBL' ? PROGRAMS[name] : undefined;
    if (!program) return { kind: 'unresolved', messages: [this.unresolved(library, name)] };
    const list = new ParameterList(parameters);
    this.context.job.load.charge('call');
    try {
      program(this.context, list);
      return { kind: 'returned', outputs: list.outputs() };
    } catch (error) {
      return { kind: 'failed', messages: [messageOf(error)] };
    }
  }

  end(): void {
    this.context.handles.clear();
    this.context.job.end();
    this.ended();
  }

  /** MCH3401; its data name what could not be resolved: type and subtype, name(30). */
  private unresolved(library: string, name: string): CommandMessage {
    const missing =
      library === 'QSYS' || library === '*LIBL' || this.context.partition.fileStore.libraries.has(library);
    const [type, object] = missing ? [0x02, name] : [0x04, library];
    const data = Buffer.concat([Buffer.of(type, 0x01), textCodec(37).encode(object.padEnd(30))]);
    const text = `Cannot resolve to object ${object}. Type and Subtype X'${missing ? '0201' : '0401'}' Authority X'0000'.`;
    return { id: 'MCH3401', type: '15', severity: 40, file: 'QCPFMSG', library: 'QSYS', text, help: '', data };
  }
}

/** @throws what is no message: a fault of the simulation */
function messageOf(error: unknown): CommandMessage {
  const file = { file: 'QCPFMSG', library: 'QSYS', type: '15' } as const;
  if (error instanceof CpfFailure) {
    const { messageId: id, message: text, secondLevel: help, data } = error;
    const severity = id.startsWith('CPD') ? 30 : 40;
    return { ...file, id, text, help, severity, data: textCodec(37).encode(data) };
  }
  if (!(error instanceof SqlFailure)) throw error;
  const { messageId: id, message: text, secondLevel: help } = error;
  return { ...file, file: 'QSQLMSG', id, text, help, severity: 30, data: Buffer.alloc(0) };
}
