/** Events as mapping makes them, for tests of outbox and delivery. */
import type { EventDraft } from '../../../src/model/event';

export function draft(n: number, given: Partial<EventDraft> = {}): EventDraft {
  const key = given.key ?? String(100_000 + n);
  const table = given.table ?? 'ORDLIB/ORDHDR';
  const text = JSON.stringify({
    specversion: '1.0',
    id: given.id ?? idOf(n),
    type: given.type ?? 'order.updated',
    source: `ibmi://TEST/${table}`,
    subject: key,
    time: '2026-11-21T20:44:00.123456Z',
    datacontenttype: 'application/json',
    data: { op: 'update', n, note: 'Größe "ä"', meta: { mode: 'stream', attempt: 1, decodeErrors: [] } },
  });
  const body = Buffer.from(text);
  return {
    id: idOf(n),
    type: 'order.updated',
    version: '1',
    table,
    rule: 'order',
    key,
    traceKey: key,
    destinations: ['crm'],
    priority: 'normal',
    body,
    attemptOffset: body.indexOf('"attempt":1') + '"attempt":'.length,
    contentType: 'application/cloudevents+json',
    time: '2026-11-21T20:44:00.123456Z',
    journal: { library: 'ORDLIB', name: 'ORDJRN' },
    position: { receiver: { library: 'ORDLIB', name: 'ORDRCV0001' }, sequence: BigInt(1000 + n) },
    tombstone: false,
    recordUrl: null,
    decodeErrors: 0,
    ...given,
  };
}

export function idOf(n: number): string {
  return `evt_${String(n).padStart(8, '0')}`;
}

export function drafts(from: number, to: number, given: (n: number) => Partial<EventDraft> = () => ({})): EventDraft[] {
  return Array.from({ length: to - from }, (_, i) => draft(from + i, given(from + i)));
}
