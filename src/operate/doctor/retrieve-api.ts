/** Whether a journal can be read by the retrieve API, and which grant or server is missing where it cannot. */
import { type CheckFinding, finding, passed } from '../../catalog/finding';
import type { Config } from '../../config/config';
import { type CodedError, isCoded } from '../../errors/coded-error';
import { journalFailureOf } from '../../journal/entry/host-error';
import { openApi } from '../../journal/source/way';
import { formatName, type QualifiedName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';

/** Milliseconds: behind a firewall nobody answers. */
const PATIENCE = 10_000;

export async function apiFindings(
  config: Pick<Config, 'journal' | 'partition'>,
  connection: SqlConnection,
  journal: QualifiedName,
): Promise<CheckFinding[]> {
  const { reader } = config.journal;
  const subject = formatName(journal);
  if (reader === 'sql' || (reader === 'auto' && !connection.programs)) return [];
  try {
    await using programs = await openApi(connection, journal, AbortSignal.timeout(PATIENCE));
    const job = programs.job === null ? '' : `, job ${programs.job}`;
    return [passed('journal', subject, `readable by the retrieve API${job}`)];
  } catch (error) {
    if (!isCoded(error)) throw error;
    const code = reader === 'api' ? 'CHECK_API_READER' : 'CHECK_API_UNAVAILABLE';
    return [finding(code, subject, `${error.code}: ${error.message}`, fixOf(error, config, journal))];
  }
}

function fixOf(error: CodedError, { partition }: Pick<Config, 'partition'>, journal: QualifiedName): string {
  const { user, commandPort } = partition;
  if (journalFailureOf(error) === 'not authorized')
    return [
      `GRTOBJAUT OBJ(${formatName(journal)}) OBJTYPE(*JRN) USER(${user}) AUT(*USE *OBJEXIST)`,
      `GRTOBJAUT OBJ(${journal.library}/*ALL) OBJTYPE(*JRNRCV) USER(${user}) AUT(*USE)`,
      '/* and *EXECUTE of QSYS/QJOURNAL (*SRVPGM) and QSYS/QZRUCLSP (*PGM), which *PUBLIC has as shipped */',
    ].join('\n');
  if (error.family === 'transport')
    return `STRHOSTSVR SERVER(*RMTCMD)\n/* then open port ${commandPort} in firewalls */`;
  return error.next ?? 'look at the job log of QZRCSRVS';
}
