/** Events that are not about a row: `table.cleared`, `schema.changed`, `table.mass-delete`... Always CloudEvents. */
import type { TableNews } from '../../model/change';
import { type EventDraft, NOTICE_MARK } from '../../model/event';
import { formatName } from '../../model/position';
import { CLOUDEVENTS_TYPE, sourceUri } from './envelope';
import { findingId, noticeId } from './event-id';
import type { MapContext } from './map-context';

/** Notices of one table share a lane with nothing else: they have no key. */
export function noticeEvent(notice: TableNews, destinations: readonly string[], context: MapContext): EventDraft {
  const { sink, clock, partition } = context;
  const { position, journal, table, kind } = notice;
  const id = idOf(notice, partition);
  const time = clock.toUtc(notice.timestamp);
  const key = NOTICE_MARK + table.name;
  const start = sink.at;
  const head = {
    specversion: '1.0',
    id,
    type: kind,
    source: sourceUri(partition, table.library, table.name),
    subject: key,
    time,
    datacontenttype: 'application/json',
    rule: 'notice',
    eventversion: '1',
  };
  const meta = {
    mode: modeOf(notice),
    table: formatName(table),
    member: notice.member,
    journal: journal && formatName(journal),
    receiver: position && formatName(position.receiver),
    sequence: position && String(position.sequence),
    user: notice.user || null,
    job: notice.job || null,
    program: notice.program || null,
  };
  const data = `"notice":${JSON.stringify(notice.facts)},"meta":${JSON.stringify(meta)}`;
  sink.text(`${JSON.stringify(head).slice(0, -1)},"data":{${data.slice(0, -1)},"attempt":`);
  const attempt = sink.at - start;
  sink.text('1}}}');
  return {
    id,
    type: kind,
    version: '1',
    table: formatName(table),
    rule: 'notice',
    key,
    traceKey: key,
    destinations,
    priority: 'high',
    body: sink.since(start),
    attemptOffset: attempt,
    contentType: CLOUDEVENTS_TYPE,
    time,
    journal,
    position,
    tombstone: false,
    recordUrl: null,
    decodeErrors: 0,
  };
}

function idOf(notice: TableNews, partition: string): string {
  const { kind, table } = notice;
  if (notice.position === null) return findingId(partition, formatName(table), notice.occasion, kind);
  const { journal, position } = notice;
  // one place, many tables: an entry is about one table, a lost position about all of the journal
  const about = kind === 'position.lost' ? `${kind} ${formatName(table)}` : kind;
  return noticeId(partition, journal, position.receiver, position.sequence, about);
}

function modeOf(notice: TableNews): string {
  if (notice.position !== null) return 'stream';
  return ('mode' in notice && notice.mode) || 'window';
}
