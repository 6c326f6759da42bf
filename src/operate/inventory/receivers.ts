/** The receivers of a journal as a chain: where we are, and which of them nothing here needs any more. */
import { readReceivers } from '../../catalog/journals';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { ReceiverChain } from '../../journal/position/chain';
import { formatName, formatPosition, parseName, type QualifiedName, sameName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import type { StateFile } from '../state-file';
import type { Status } from '../status/status';

/** Why a receiver is still needed. `payloads`: something waits whose body is made of the journal again. */
type Need = 'attached' | 'position' | 'payloads' | 'replay';

/** @throws CodedError `API_JOURNAL`; families host and transport where the partition does not answer */
export async function receiversOf(
  { config, state, status }: { readonly config: Config; readonly state: StateFile; readonly status: Status },
  connection: SqlConnection,
  name: string,
) {
  const journal = parseName(name);
  const checkpoint = journal && state.checkpoints.get(journal);
  if (!journal || !checkpoint) throw noJournal(state, name);
  const chain = new ReceiverChain(await readReceivers(connection, journal));
  const { read, resume } = checkpoint;
  const older = olderNeed(config, status, name);
  const needOf = (receiver: QualifiedName, attached: boolean): Need | null => {
    if (attached) return 'attached';
    const before = chain.compare({ receiver, sequence: 0n }, { receiver: resume.receiver, sequence: 0n });
    // what the chain cannot place is not given away
    return before === null || before >= 0 ? 'position' : older;
  };
  return {
    journal: formatName(journal),
    read: formatPosition(read),
    resume: formatPosition(resume),
    receivers: chain.receivers.map((r) => ({
      receiver: formatName(r.name),
      status: r.status,
      first: r.first.toString(),
      last: r.last.toString(),
      entries: r.entries?.toString() ?? null,
      attachedAt: r.attached,
      detachedAt: r.detached,
      sizeKb: r.sizeKb?.toString() ?? null,
      here: sameName(r.name, read.receiver),
      restart: sameName(r.name, resume.receiver),
      neededFor: needOf(r.name, r.status === 'ATTACHED'),
    })),
  };
}

/** What may still look into receivers that were read to their end. */
function olderNeed({ destinations }: Config, status: Status, journal: string): Need | null {
  const bare = status.destinations.filter((d) => destinations[d.destination]?.storePayload === false);
  if (bare.some((d) => d.pending + d.held + d.deadLetters > 0)) return 'payloads';
  const replays = status.replays.filter((r) => r.journal === journal && ['waiting', 'running'].includes(r.state));
  return replays.length > 0 ? 'replay' : null;
}

function noJournal({ checkpoints }: StateFile, name: string): CodedError {
  const known = checkpoints.all().map((c) => formatName(c.journal));
  return new CodedError({
    code: 'API_JOURNAL',
    message: `${name} is not read; read are ${known.join(', ') || 'none yet'}`,
    next: '/v1/journals lists them',
  });
}
