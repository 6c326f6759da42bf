/** Journals, their receivers, the right to read them, and whether the stored position is still there. */
import { type CheckFinding, finding, passed } from '../../catalog/finding';
import { journalFindings, receiverFindings } from '../../catalog/journal-findings';
import { readCacheWaitSeconds, readJournals, readReceivers } from '../../catalog/journals';
import type { Config } from '../../config/config';
import { ReceiverChain } from '../../journal/position/chain';
import { CHECKPOINT_SCHEMA, CheckpointTable } from '../../journal/position/checkpoint-table';
import type { LossForecast } from '../../journal/position/data-loss';
import { lossText } from '../../journal/position/position-lost';
import { checkPosition, readOneEntry } from '../../journal/reader/position-check';
import { counted } from '../../model/counted';
import { formatName, formatPosition, type QualifiedName } from '../../model/position';
import { stateThere } from '../../store/look';
import { Store } from '../../store/store';
import type { SqlConnection } from '../../transport/transport';
import { apiFindings } from './retrieve-api';

export async function checkJournals(
  config: Config,
  connection: SqlConnection,
  names: readonly QualifiedName[],
): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  const journals = await readJournals(connection, names);
  const cacheWait = await readCacheWaitSeconds(connection);
  for (const name of names) {
    const journal = journals.find((j) => formatName(j.name) === formatName(name));
    if (!journal) {
      const fix = `GRTOBJAUT OBJ(${formatName(name)}) OBJTYPE(*JRN) USER(${config.partition.user}) AUT(*USE *OBJEXIST)`;
      found.push(finding('CHECK_JOURNAL_INVISIBLE', formatName(name), 'not visible to this profile', fix));
      continue;
    }
    const chain = new ReceiverChain(await readReceivers(connection, name));
    found.push(...journalFindings(journal, cacheWait), ...receiverFindings(journal, chain.receivers));
    found.push(...(await authorityFindings(config.partition.user, connection, name, chain)));
    found.push(...(await apiFindings(config, connection, name)));
    found.push(...(await positionFindings(config, connection, name, chain)));
  }
  return found;
}

async function authorityFindings(
  user: string,
  connection: SqlConnection,
  journal: QualifiedName,
  chain: ReceiverChain,
): Promise<CheckFinding[]> {
  const attached = chain.attached();
  const answer = attached ? await readOneEntry(connection, journal, attached) : 'nothing';
  if (!attached || answer === 'nothing') return [];
  const subject = formatName(journal);
  if (answer === 'read')
    return [passed('journal', subject, `readable: receiver ${formatName(attached.name)} answered`)];
  const fix = `GRTOBJAUT OBJ(${subject}) OBJTYPE(*JRN) USER(${user}) AUT(*USE *OBJEXIST); GRTOBJAUT OBJ(${attached.name.library}/*ALL) OBJTYPE(*JRNRCV) USER(${user}) AUT(*USE)`;
  return [finding('CHECK_JOURNAL_AUTHORITY', subject, answer.refused, fix)];
}

async function positionFindings(
  config: Config,
  connection: SqlConnection,
  journal: QualifiedName,
  chain: ReceiverChain,
): Promise<CheckFinding[]> {
  if (!stateThere(config.state)) return [];
  using store = Store.open(config.state, [CHECKPOINT_SCHEMA]);
  const checkpoints = new CheckpointTable(store);
  const tables = config.tables.filter((t) => t.capture === 'journal').length;
  const check = await checkPosition({ connection, journal, chain, checkpoints, tables, now: Date.now() });
  if (check.is === 'none') return [];
  if (check.is === 'kept') return [forecastFinding(formatName(journal), check.forecast)];
  const { choices } = check;
  const seen = `position lost: entries after ${formatPosition(choices.position)} are gone: ${choices.why}`;
  return [finding('CHECK_POSITION_LOST', formatName(journal), seen, `policies.positionLost. ${lossText(choices)}`)];
}

/** Hours to loss below which it is time to act. */
const DAY = 24;

export function forecastFinding(journal: string, forecast: LossForecast): CheckFinding {
  const { hoursToLoss } = forecast;
  const behind = forecast.behind ?? 0n;
  const distance = `${counted(behind, 'entry', 'entries')} behind`;
  if (hoursToLoss === null) {
    const kept = `${distance}, in the attached receiver, and no receiver of the journal was ever deleted`;
    return passed('receiver', journal, behind === 0n ? 'everything written so far was read' : kept);
  }
  const seen = `${distance}; the oldest of them may be deleted in ${hoursToLoss.toFixed(1)} h at the retention seen`;
  if (hoursToLoss >= DAY) return passed('receiver', journal, seen);
  const fix = `start \`ibmi-cdc run\`, or keep receivers: CHGJRN JRN(${journal}) DLTRCV(*NO)`;
  return finding('CHECK_POSITION_AT_RISK', journal, seen, fix);
}
