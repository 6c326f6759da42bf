/** The simulated partition's programs as a connection without a wire between: what EngineConnection is to SQL. */
import { HostMessageError, type JobMessage } from '../../src/errors/coded-error';
import { callerParameters } from '../../src/hostserver/client/command/service-program';
import type { CallParameter, CommandMessage, CommandSession } from '../../src/simulator/command-session';
import type { ProcedureCall, ProgramConnection } from '../../src/transport/programs';

/** Bytes an entry of the test tables takes, roughly. */
const ENTRY = 420;
const HEAD = 64;
const LEAST_ASKED = 128 * 1024;

export class EnginePrograms implements ProgramConnection {
  readonly job = '000001/QUSER/QZRCSRVS';
  /** Procedures called so far. */
  readonly called: string[] = [];
  private failure: { readonly procedure: string; readonly messages: readonly JobMessage[] } | null = null;

  /** @param blockEntries about so many entries fit the least buffer: replies go on where a real one would not have to */
  constructor(
    private readonly session: CommandSession,
    private readonly blockEntries = 100,
  ) {}

  /** The next call of `procedure` fails like this. */
  failOnce(procedure: string, id: string, text: string): void {
    this.failure = { procedure, messages: [{ id, severity: 40, text, help: '' }] };
  }

  async call(call: ProcedureCall, { signal }: { readonly signal?: AbortSignal } = {}): Promise<(Buffer | null)[]> {
    signal?.throwIfAborted();
    this.called.push(call.procedure);
    const what = `${call.library}/${call.program} ${call.procedure}`;
    const { failure } = this;
    if (failure?.procedure === call.procedure) {
      this.failure = null;
      throw new HostMessageError(what, failure.messages);
    }
    const parameters = callerParameters(call).map(({ input, output }): CallParameter => {
      const length = Math.max(input?.length ?? 0, this.room(call, output ?? 0));
      const direction = input ? (output ? 'inout' : 'in') : 'out';
      return { direction, length, data: Buffer.concat([input ?? Buffer.alloc(0)], length) };
    });
    const outcome = this.session.call('QSYS', 'QZRUCLSP', parameters);
    if (outcome.kind !== 'returned') throw new HostMessageError(what, outcome.messages.map(asMessage));
    const outputs = [...outcome.outputs];
    const all = parameters.map((p) => (p.direction === 'in' ? null : withoutZeros(outputs.shift()!)));
    return all.slice(parameters.length - call.parameters.length);
  }

  private room(call: ProcedureCall, asked: number): number {
    if (call.procedure !== 'QjoRetrieveJournalEntries' || asked < LEAST_ASKED) return asked;
    return Math.min(asked, HEAD + Math.ceil((this.blockEntries * ENTRY * asked) / LEAST_ASKED));
  }

  async command(text: string): Promise<JobMessage[]> {
    const messages = this.session.run(text);
    if (messages) throw new HostMessageError(`command ${text}`, messages.map(asMessage));
    return [];
  }

  async isAlive(): Promise<boolean> {
    return true;
  }
  async close(): Promise<void> {
    this.session.end();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** As the wire leaves them. */
function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Buffer.from(bytes.subarray(0, end));
}

function asMessage({ id, severity, text, help }: CommandMessage): JobMessage {
  return { id, severity, text, help };
}
