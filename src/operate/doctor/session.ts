/** The session that was opened: who signed on, and what the level of the partition can do. */
import { answersIfAvailable, text } from '../../catalog/answer';
import { type CheckFinding, finding, passed } from '../../catalog/finding';
import type { Config } from '../../config/config';
import { counted } from '../../model/counted';
import type { SqlConnection } from '../../transport/transport';

export function signOnFindings(
  { partition }: Pick<Config, 'partition'>,
  { server }: Pick<SqlConnection, 'server'>,
): CheckFinding[] {
  const { version, job, passwordExpiresInDays: days } = server;
  const { user, host, passwordWarnDays } = partition;
  const found = [passed('sign-on', host, `signed on as ${user}, ${version}, job ${job}`)];
  if (days === null || days > passwordWarnDays) return found;
  const fix = `CHGUSRPRF USRPRF(${user}) PASSWORD(...) or PWDEXPITV(*NOMAX)`;
  found.push(finding('CHECK_PASSWORD_EXPIRES', user, `the password expires in ${counted(days, 'day')}`, fix));
  return found;
}

const PARAMETERS = `SELECT P.PARAMETER_NAME AS PN FROM QSYS2.SYSPARMS P JOIN QSYS2.SYSFUNCS F ON F.SPECIFIC_SCHEMA = P.SPECIFIC_SCHEMA AND F.SPECIFIC_NAME = P.SPECIFIC_NAME
 WHERE F.ROUTINE_SCHEMA = 'QSYS2' AND F.ROUTINE_NAME = 'DISPLAY_JOURNAL'`;

export async function serverFindings(connection: SqlConnection): Promise<CheckFinding[]> {
  const parameters = await answersIfAvailable(connection, PARAMETERS);
  if (parameters === null || parameters.length === 0) return [];
  const names = new Set(parameters.map((p) => text(p, 'PN')));
  const missing = ['STARTING_SEQUENCE', 'ENDING_SEQUENCE', 'ENDING_RECEIVER_NAME'].filter((n) => !names.has(n));
  if (missing.length === 0) return [passed('server', 'DISPLAY_JOURNAL', 'takes receiver and sequence at both ends')];
  const fix = 'install the current Db2 group PTF: SF99703 (7.3), SF99704 (7.4), SF99950 (7.5)';
  return [finding('CHECK_PTF_LEVEL', 'DISPLAY_JOURNAL', `this level has no parameter ${missing.join(', ')}`, fix)];
}
