/** `doctor`: preflight of network, sign-on, journals, receivers, tables; each finding with the CL or SQL that mends it. */
import { lookup } from 'node:dns/promises';
import { accessSync, constants, existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { answers, answersIfAvailable, text } from '../../../catalog/answer';
import { readTables } from '../../../catalog/catalog';
import { type Finding, finding } from '../../../catalog/finding';
import { readIndexLeads } from '../../../catalog/index-leads';
import { journalFindings, receiverFindings } from '../../../catalog/journal-findings';
import { readCacheWaitSeconds, readJournals, readReceivers } from '../../../catalog/journals';
import type { TableFacts } from '../../../catalog/table-facts';
import { tableFindings } from '../../../catalog/table-findings';
import { probeTable } from '../../../catalog/table-probe';
import type { Config } from '../../../config/config';
import { EXIT, isCoded } from '../../../errors/coded-error';
import { windowParams, windowSql } from '../../../journal/entry/display-journal';
import { type JournalFailure, journalFailureOf } from '../../../journal/entry/host-error';
import { ReceiverChain } from '../../../journal/position/chain';
import { CHECKPOINT_SCHEMA, CheckpointTable } from '../../../journal/position/checkpoint-table';
import { forecastLoss } from '../../../journal/position/data-loss';
import { judgePosition, lossChoices, lossText } from '../../../journal/position/position-lost';
import { JournalHead } from '../../../journal/reader/visible-head';
import { counted } from '../../../model/counted';
import { formatName, formatPosition, type Position, type QualifiedName } from '../../../model/position';
import { readUnseenChanges } from '../../../operate/unseen-changes';
import { Store } from '../../../store/store';
import { allRows, type SqlConnection } from '../../../transport/transport';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

export function register(program: Command, io: CliIo): void {
  program
    .command('doctor')
    .description('check network, TLS, sign-on, authority, journals, receivers, tables; print what mends each finding')
    .addHelpText(
      'after',
      '\nExample:\n  ibmi-cdc doctor\n  ibmi-cdc doctor --json\n\nExit codes: 0 nothing found, 5 findings.',
    )
    .action(async (_options: unknown, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, globals, 'require');
      const found = await examine(config, globals.traceWire);
      if (globals.json) io.stdout.write(`${JSON.stringify({ findings: found })}\n`);
      else io.stdout.write(asText(found));
      if (found.some((f) => f.level !== 'ok')) io.exit(EXIT.findings);
    });
}

/** Every check in the order a connection is made; a step that fails ends the ones that need it. */
export async function examine(config: Config, traceWire?: string): Promise<Finding[]> {
  const found: Finding[] = [...(await networkFindings(config)), ...stateFindings(config), ...gapFindings(config)];
  if (found.some((f) => f.level === 'error' && f.area === 'network')) return found;
  let connection: SqlConnection;
  try {
    connection = await transportOf(config, { traceWire }).connect({ role: 'doctor' });
  } catch (error) {
    if (!isCoded(error)) throw error;
    found.push(
      finding('error', 'sign-on', config.partition.host, `${error.code}: ${error.message}`, error.next ?? null),
    );
    return found;
  }
  try {
    found.push(...signOnFindings(config, connection), ...(await serverFindings(connection)));
    found.push(...(await tableAndJournalFindings(config, connection)));
  } finally {
    await connection.close();
  }
  return found;
}

/** Host server ports by service entry, as WRKSRVTBLE shows them. */
const SERVICES: Readonly<Record<number, string>> = {
  8471: 'as-database',
  8476: 'as-signon',
  9471: 'as-database-s',
  9476: 'as-signon-s',
};

async function networkFindings(config: Config): Promise<Finding[]> {
  const { host, port, signonPort, tls, timeouts } = config.partition;
  const found: Finding[] = [];
  try {
    await lookup(host);
  } catch {
    return [
      finding(
        'error',
        'network',
        host,
        'the host name does not resolve',
        `partition: host: check "${host}", or CFGTCP option 10`,
      ),
    ];
  }
  const ports = config.partition.transport === 'odbc' ? [] : [port, signonPort];
  for (const p of ports) {
    const problem = await portProblem(host, p, timeouts.connect);
    const subject = `${host}:${p}${SERVICES[p] ? ` (${SERVICES[p]})` : ''}`;
    if (problem === null) found.push(finding('ok', 'network', subject, 'answers'));
    else
      found.push(
        finding(
          'error',
          'network',
          subject,
          problem,
          closedPort(p === signonPort ? '*SIGNON' : '*DATABASE', tls !== 'off'),
        ),
      );
  }
  if (tls === 'off')
    found.push(
      finding(
        'warning',
        'network',
        host,
        'tls: off: password and data cross the network unencrypted',
        'partition: tls: { ca: FILE }, ports 9471 and 9476',
      ),
    );
  return found;
}

/** One command a line, as it is typed; what is no command is a comment of CL. */
function closedPort(server: string, tls: boolean): string {
  const certificate = tls ? ', assign a certificate to the server in the Digital Certificate Manager' : '';
  return `STRHOSTSVR SERVER(${server})\n/* then open the port in firewalls${certificate} */`;
}

function portProblem(host: string, port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const done = (problem: string | null): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => done(null));
    socket.once('timeout', () => done(`no answer within ${timeoutMs} ms`));
    socket.once('error', (error: NodeJS.ErrnoException) => done(`refused: ${error.code ?? error.message}`));
  });
}

function stateFindings(config: Config): Finding[] {
  const folder = existsSync(config.state) ? config.state : dirname(config.state);
  if (!existsSync(folder)) return [finding('ok', 'state', config.state, 'will be created')];
  try {
    accessSync(folder, constants.W_OK);
    return [finding('ok', 'state', config.state, 'writable')];
  } catch {
    return [
      finding('error', 'state', config.state, 'not writable by this user', `chown the folder ${dirname(config.state)}`),
    ];
  }
}

function gapFindings(config: Config): Finding[] {
  return readUnseenChanges(config).map((u) =>
    finding('warning', 'table', u.table, `changes not seen: ${u.text}`, u.next.join('; then ')),
  );
}

function signOnFindings(config: Config, connection: SqlConnection): Finding[] {
  const { version, job, passwordExpiresInDays: days } = connection.server;
  const { user, host, passwordWarnDays } = config.partition;
  const found = [finding('ok', 'sign-on', host, `signed on as ${user}, ${version}, job ${job}`)];
  if (days !== null && days <= passwordWarnDays)
    found.push(
      finding(
        'warning',
        'sign-on',
        user,
        `the password expires in ${counted(days, 'day')}`,
        `CHGUSRPRF USRPRF(${user}) PASSWORD(...) or PWDEXPITV(*NOMAX)`,
      ),
    );
  return found;
}

async function serverFindings(connection: SqlConnection): Promise<Finding[]> {
  const parameters = await answersIfAvailable(
    connection,
    `SELECT P.PARAMETER_NAME AS PN FROM QSYS2.SYSPARMS P JOIN QSYS2.SYSFUNCS F ON F.SPECIFIC_SCHEMA = P.SPECIFIC_SCHEMA AND F.SPECIFIC_NAME = P.SPECIFIC_NAME
 WHERE F.ROUTINE_SCHEMA = 'QSYS2' AND F.ROUTINE_NAME = 'DISPLAY_JOURNAL'`,
  );
  if (parameters === null || parameters.length === 0) return [];
  const names = new Set(parameters.map((p) => text(p, 'PN')));
  const missing = ['STARTING_SEQUENCE', 'ENDING_SEQUENCE', 'ENDING_RECEIVER_NAME'].filter((n) => !names.has(n));
  return missing.length === 0
    ? [finding('ok', 'server', 'DISPLAY_JOURNAL', 'takes receiver and sequence at both ends')]
    : [
        finding(
          'error',
          'server',
          'DISPLAY_JOURNAL',
          `this level has no parameter ${missing.join(', ')}`,
          'install the current Db2 group PTF: SF99703 (7.3), SF99704 (7.4), SF99950 (7.5)',
        ),
      ];
}

async function tableAndJournalFindings(config: Config, connection: SqlConnection): Promise<Finding[]> {
  const tables = await readTables(
    connection,
    config.tables.map((t) => t.table),
  );
  const windows = tables.filter((_, i) => config.tables[i]!.capture !== 'journal').map((t) => t.sqlName);
  const leads = await readIndexLeads(connection, windows);
  const journals = new Map<string, QualifiedName>();
  const found: Finding[] = [];
  for (const [i, facts] of tables.entries()) {
    const wanted = config.tables[i]!;
    const journal = wanted.journal ?? facts.journal?.name ?? null;
    if (wanted.capture === 'journal' && journal) journals.set(formatName(journal), journal);
    const probed: TableFacts = await probeTable(connection, facts);
    found.push(
      ...tableFindings(
        probed,
        {
          capture: wanted.capture === 'journal' ? 'journal' : { window: wanted.capture.window.by },
          key: wanted.key,
          journal: wanted.journal ?? [...journals.values()][0] ?? null,
        },
        leads,
      ),
    );
  }
  return [...(await allJournalFindings(config, connection, [...journals.values()])), ...found];
}

async function allJournalFindings(
  config: Config,
  connection: SqlConnection,
  names: readonly QualifiedName[],
): Promise<Finding[]> {
  const found: Finding[] = [];
  const journals = await readJournals(connection, names);
  const cacheWait = await readCacheWaitSeconds(connection);
  for (const name of names) {
    const journal = journals.find((j) => formatName(j.name) === formatName(name));
    if (!journal) {
      found.push(
        finding(
          'error',
          'journal',
          formatName(name),
          'not visible to this profile',
          `GRTOBJAUT OBJ(${formatName(name)}) OBJTYPE(*JRN) USER(${config.partition.user}) AUT(*USE *OBJEXIST)`,
        ),
      );
      continue;
    }
    const chain = new ReceiverChain(await readReceivers(connection, name));
    found.push(...journalFindings(journal, cacheWait), ...receiverFindings(journal, chain.receivers));
    found.push(...(await readFindings(config, connection, name, chain)));
    found.push(...(await retentionFindings(config, connection, name, chain)));
  }
  return found;
}

/** The only proof of authority to read a journal is reading it. */
async function readFindings(
  config: Config,
  connection: SqlConnection,
  journal: QualifiedName,
  chain: ReceiverChain,
): Promise<Finding[]> {
  const attached = chain.attached();
  if (!attached) return [];
  const sql = windowSql({ dataBytes: 1, from: 'first', to: 'sequence', filter: null });
  try {
    await allRows(await connection.query(sql, windowParams(journal, attached.name, null, attached.first)));
    return [finding('ok', 'journal', formatName(journal), `readable: receiver ${formatName(attached.name)} answered`)];
  } catch (error) {
    const failure = journalFailureOf(error);
    if (failure === 'nothing') return [];
    if (failure !== 'not authorized') throw error;
    const { user } = config.partition;
    return [
      finding(
        'error',
        'journal',
        formatName(journal),
        (error as Error).message,
        `GRTOBJAUT OBJ(${formatName(journal)}) OBJTYPE(*JRN) USER(${user}) AUT(*USE *OBJEXIST); GRTOBJAUT OBJ(${attached.name.library}/*ALL) OBJTYPE(*JRNRCV) USER(${user}) AUT(*USE)`,
      ),
    ];
  }
}

async function retentionFindings(
  config: Config,
  connection: SqlConnection,
  journal: QualifiedName,
  chain: ReceiverChain,
): Promise<Finding[]> {
  if (!existsSync(config.state)) return [];
  const store = Store.open(config.state, [CHECKPOINT_SCHEMA]);
  try {
    const checkpoint = new CheckpointTable(store).get(journal);
    if (!checkpoint) return [];
    const [row] = await answers(connection, 'SELECT CURRENT TIMESTAMP AS NOW_TS FROM SYSIBM.SYSDUMMY1');
    const clock = text(row!, 'NOW_TS');
    const subject = formatName(journal);
    const verdict = await judgePosition(checkpoint.resume, chain, () =>
      probeReceiver(connection, journal, checkpoint.resume.receiver),
    );
    if (verdict.is === 'lost') {
      const outlook = new CheckpointTable(store).outlook(journal);
      const choices = lossChoices({
        journal,
        position: checkpoint.read,
        why: verdict.why,
        chain,
        clock,
        latest: await headOf(connection, journal),
        tables: config.tables.filter((t) => t.capture === 'journal').length,
        entriesPerSecond: outlook?.readPerSecond ?? null,
        silentSeconds: (Date.now() - checkpoint.writtenAt) / 1000,
      });
      const seen = `position lost: entries after ${formatPosition(checkpoint.read)} are gone: ${verdict.why}`;
      return [finding('error', 'receiver', subject, seen, `policies.positionLost. ${lossText(choices)}`)];
    }
    const forecast = forecastLoss(chain, checkpoint.resume, clock, null);
    const behind = forecast.behind ?? 0n;
    if (behind === 0n && forecast.hoursToLoss === null)
      return [finding('ok', 'receiver', subject, 'everything written so far was read')];
    if (forecast.hoursToLoss === null) {
      const kept = 'in the attached receiver, and no receiver of the journal was ever deleted';
      return [finding('ok', 'receiver', subject, `${counted(behind, 'entry', 'entries')} behind, ${kept}`)];
    }
    const level = forecast.hoursToLoss < 24 ? 'warning' : 'ok';
    return [
      finding(
        level,
        'receiver',
        subject,
        `${counted(behind, 'entry', 'entries')} behind; the oldest of them may be deleted in ${forecast.hoursToLoss.toFixed(1)} h at the retention seen`,
        level === 'ok' ? null : `start \`ibmi-cdc run\`, or keep receivers: CHGJRN JRN(${subject}) DLTRCV(*NO)`,
      ),
    ];
  } finally {
    store.close();
  }
}

async function headOf(connection: SqlConnection, journal: QualifiedName): Promise<Position | null> {
  const head = new JournalHead(connection, journal);
  try {
    return await head.position(new AbortController().signal);
  } finally {
    await head.close();
  }
}

/** Asks for a receiver by name. @returns null when it answers */
async function probeReceiver(
  connection: SqlConnection,
  journal: QualifiedName,
  receiver: QualifiedName,
): Promise<JournalFailure | null> {
  const sql = windowSql({ dataBytes: 1, from: 'first', to: 'last', filter: null });
  try {
    const result = await connection.query(sql, windowParams(journal, receiver, null, null));
    try {
      for await (const _ of result.blocks()) return null;
      return null;
    } finally {
      await result.close();
    }
  } catch (error) {
    return journalFailureOf(error);
  }
}

function asText(found: readonly Finding[]): string {
  const sign = { ok: 'ok     ', warning: 'WARNING', error: 'ERROR  ' };
  const lines = found.flatMap((f) => [
    `${sign[f.level]}  ${f.area.padEnd(8)}  ${f.subject}: ${f.text}`,
    ...(f.fix === null ? [] : [`                     ${f.fix.replaceAll('\n', `\n${' '.repeat(21)}`)}`]),
  ]);
  const bad = found.filter((f) => f.level !== 'ok').length;
  lines.push(bad === 0 ? 'nothing found' : counted(bad, 'finding'));
  return `${lines.join('\n')}\n`;
}
