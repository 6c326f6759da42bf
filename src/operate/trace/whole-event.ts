/** Everything that is known of one event: where from, by which rule, what was sent, each attempt, and the letters it became. */

import { CodedError } from '../../errors/coded-error';
import type { StoredEvent } from '../../model/delivery';
import { shownJson } from '../../model/exact-json';
import type { StateFile } from '../state-file';
import { lifeOf } from './event-life';

type WholeEvent = ReturnType<typeof wholeOf>;

/**
 * An event that has another body for other destinations is stored once for each body, under one id.
 * @throws CodedError `API_EVENT`
 */
export function wholeEvent(state: StateFile, id: string): WholeEvent[] {
  const found = state.outbox.history.events({ id: [id] }, { limit: 20 });
  if (found.length > 0) return found.map((event) => wholeOf(event, state));
  throw new CodedError({
    code: 'API_EVENT',
    message: `no stored event has the id ${id}`,
    next: '`ibmi-cdc trace --key` asks the journal itself what became of a change',
  });
}

function wholeOf(event: StoredEvent, state: StateFile) {
  const { version, contentType, recordUrl, tombstone, damaged } = event;
  return {
    ...lifeOf(event, state),
    version,
    contentType,
    recordUrl,
    tombstone,
    /** Altered on the disk: it is made again from the journal before it is sent. */
    damaged: damaged === true,
    ...bodyOf(event),
  };
}

/** As it was sent; null where it is not stored. JSON where it is JSON. */
function bodyOf({ body }: StoredEvent): { body: unknown; bodyBytes: number } {
  if (body === null) return { body: null, bodyBytes: 0 };
  return { body: shownJson(body.toString('utf8')), bodyBytes: body.length };
}
