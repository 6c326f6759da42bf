/** The record image an event was made of, for whoever looks at the event. */
import type { Config } from '../../config/config';
import { formatName, type Position, parseName } from '../../model/position';
import { formatId } from '../../record/layout/format-history';
import type { SqlConnection } from '../../transport/transport';
import { ruleShown } from '../inventory/storing';
import type { StateFile } from '../state-file';
import { imageFields } from './image-fields';
import { noImage, readEntry } from './read-entry';

interface ImageParts {
  readonly config: Config;
  readonly state: StateFile;
  readonly signal: AbortSignal;
  /** Only what the event has is shown. */
  readonly eventOnly: boolean;
}

/** @throws CodedError `API_IMAGE`, `API_EVENT`; families host and transport where the partition does not answer */
export async function eventImage(parts: ImageParts, connection: SqlConnection, event: EventPlace) {
  const { config, eventOnly } = parts;
  const { table, format, change, facts } = await readEntry(parts, connection, event);
  const rule = table.rules.find(({ name }) => name === event.rule) ?? null;
  ruleShown(config, rule, noImage);
  return {
    table: formatName(facts.file),
    op: change.op,
    format: formatId(format),
    user: change.user,
    job: change.job,
    program: change.program,
    commitCycle: change.commitCycle === 0n ? null : change.commitCycle.toString(),
    rrn: change.rrn.toString(),
    hasBefore: change.before !== null,
    fields: imageFields(config, format, change, { table, facts, rule: eventOnly ? rule : null }),
  };
}

interface EventPlace {
  readonly table: string;
  readonly rule: string;
  readonly position: Position;
}

/** Where the event came from. @throws CodedError `API_IMAGE`, `API_EVENT` */
export function placeOf({ outbox }: StateFile, id: string): EventPlace {
  const [event] = outbox.history.events({ id: [id] }, { limit: 1 });
  if (!event) throw noImage(`no stored event has the id ${id}`);
  const receiver = event.receiver === null ? null : parseName(event.receiver);
  if (receiver === null || event.sequence === null) throw noImage('the event does not come from a journal entry');
  return { table: event.table, rule: event.rule, position: { receiver, sequence: BigInt(event.sequence) } };
}
