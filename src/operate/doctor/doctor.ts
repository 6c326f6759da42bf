/** The preflight: every check in the order a connection is made; a step that fails ends the ones that need it. */
import { transportOf } from '../../assembly/connect';
import { type CheckFinding, finding } from '../../catalog/finding';
import type { Config } from '../../config/config';
import { isCoded } from '../../errors/coded-error';
import { pageOf } from '../../errors/codes';
import { counted } from '../../model/counted';
import { lines as asLines } from '../../telemetry/visible';
import type { SqlConnection } from '../../transport/transport';
import { checkJournals } from './journals';
import { layoutFindings } from './layouts';
import { lookupFindings } from './lookups';
import { networkFindings } from './network';
import { serverFindings, signOnFindings } from './session';
import { stateFindings, unseenFindings } from './state';
import { checkTables } from './tables';

interface DoctorReport {
  readonly findings: readonly CheckFinding[];
}

interface ExamineOptions {
  /** File for annotated frames. */
  readonly traceWire?: string | undefined;
  /** Rows of each table whose record images are verified; left out for none. */
  readonly deepRows?: number;
}

/** @throws CodedError where the partition fails in the middle of the checks */
export async function examine(config: Config, { traceWire, deepRows }: ExamineOptions = {}): Promise<DoctorReport> {
  const found = [...(await networkFindings(config)), ...stateFindings(config), ...unseenFindings(config)];
  if (found.some((f) => f.level === 'error' && f.area === 'network')) return { findings: found };
  const transport = transportOf(config, { traceWire });
  let connection: SqlConnection;
  try {
    connection = await transport.connect({ role: 'doctor' });
  } catch (error) {
    if (!isCoded(error)) throw error;
    const { host } = config.partition;
    const refused = finding('CHECK_SIGN_ON', host, `${error.code}: ${error.message}`, error.next ?? null);
    return { findings: [...found, refused] };
  }
  try {
    found.push(...signOnFindings(config, connection), ...(await serverFindings(connection)));
    const { findings, journals } = await checkTables(config, connection);
    findings.push(...(await lookupFindings(config, transport)));
    const deep = deepRows === undefined ? [] : await layoutFindings(config, connection, deepRows);
    return { findings: [...found, ...(await checkJournals(config, connection, journals)), ...findings, ...deep] };
  } finally {
    await connection.close();
  }
}

export function toMend({ findings }: DoctorReport): readonly CheckFinding[] {
  return findings.filter((f) => f.level !== 'ok');
}

const SIGN = { ok: 'ok     ', warning: 'WARNING', error: 'ERROR  ' };
const INDENT = ' '.repeat(21);

export function doctorText(report: DoctorReport): string {
  const lines = report.findings.flatMap((f) => [
    `${SIGN[f.level]}  ${f.area.padEnd(8)}  ${f.subject}: ${f.text}`,
    ...(f.fix?.split('\n') ?? []).map((part) => `${INDENT}${part}`),
    ...(f.code === null ? [] : [`${INDENT}see ${pageOf(f.code)}`]),
  ]);
  const bad = toMend(report).length;
  lines.push(bad === 0 ? 'nothing found' : counted(bad, 'finding'));
  return asLines(lines);
}
