/**
 * Which way the entries of a journal are read on one connection. `auto` takes the retrieve API where it answers: the transport
 * speaks the remote command server, the server listens, the profile may call the API and read the journal by it, and the reply
 * is laid out as it should be. Anything else is no error there, only a reason for SQL, which `status` and the log say.
 */
import { CodedError, isCoded } from '../../errors/coded-error';
import type { QualifiedName } from '../../model/position';
import type { ProgramConnection } from '../../transport/programs';
import type { SqlConnection } from '../../transport/transport';
import { ApiBlock, ApiHeaders, readHead } from '../entry/api-block';
import { ObjectNames } from '../entry/block-entry';
import type { JournalOptions } from '../options';
import type { ReadWay } from '../position/checkpoint-table';
import { LEAST_BUFFER } from './buffer-size';
import { JournalCalls } from './journal-calls';

interface ChosenWay {
  readonly way: ReadWay;
  /** For the API. The caller closes it, or gives it to a reader, which does. */
  readonly programs: ProgramConnection | null;
}

/** Milliseconds `auto` waits for the remote command server: behind a firewall nobody answers. */
const PATIENCE = 5_000;

/** @throws CodedError with `api`, when the API cannot be had; else only when `signal` aborts */
export async function chooseWay(
  connection: SqlConnection,
  { reader, journal }: Pick<JournalOptions, 'reader' | 'journal'>,
  signal: AbortSignal,
): Promise<ChosenWay> {
  if (reader === 'sql') return bySql('configured');
  const patient = reader === 'api' ? signal : AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  try {
    const programs = await openApi(connection, journal, patient);
    return { way: { reader: 'api', because: reader === 'api' ? 'configured' : 'it answers' }, programs };
  } catch (error) {
    if (reader === 'api' || signal.aborted || !isCoded(error)) throw error;
    return bySql(`${error.code}: ${error.message}`);
  }
}

function bySql(because: string): ChosenWay {
  return { way: { reader: 'sql', because }, programs: null };
}

/**
 * Opens a job of the remote command server and reads one entry by it: the only proof of authority, and of a server that is
 * understood. @throws CodedError
 */
export async function openApi(
  connection: SqlConnection,
  journal: QualifiedName,
  signal: AbortSignal,
): Promise<ProgramConnection> {
  if (!connection.programs) throw notOffered();
  const programs = await connection.programs({ signal });
  try {
    const receiver = { name: '*CURRENT', library: '' };
    const calls = new JournalCalls(programs, journal);
    const reply = await calls.found({ receiver, from: null, to: null, most: 1 }, LEAST_BUFFER, signal);
    if (reply) new ApiBlock(null, new ApiHeaders(new ObjectNames([])), reply, readHead(reply));
    return programs;
  } catch (error) {
    await programs.close();
    throw error;
  }
}

function notOffered(): CodedError {
  return new CodedError({
    code: 'READER_NOT_OFFERED',
    message: 'this transport does not speak the remote command server, which the retrieve API needs',
    next: 'set partition.transport: hostserver, or journal.reader: sql',
  });
}
