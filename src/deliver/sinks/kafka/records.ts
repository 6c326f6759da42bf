/** Events as Kafka records: key = trace key, value = the event, CloudEvents attributes as `ce_*` headers. */
import type { Message, TopicMessages } from 'kafkajs';
import { CodedError } from '../../../errors/coded-error';
import type { StoredEvent } from '../../../model/delivery';
import { TOMBSTONE_TYPE } from '../../../model/event';
import { EventClock } from '../../../model/event-time';
import type { OutboundEvent } from '../../sink';

interface RecordOptions {
  /** Template: `${table}`, `${library}`, `${file}`, `${type}`, `${entity}`, `${partition}`. */
  readonly topic: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tombstones: boolean;
  /** Name of the IBM i partition. */
  readonly partition: string;
}

const FIELDS: Readonly<Record<string, (event: StoredEvent, partition: string) => string>> = {
  table: (e) => e.table.replace('/', '.'),
  library: (e) => e.table.split('/')[0]!,
  file: (e) => e.table.split('/').at(-1)!,
  type: (e) => e.type,
  entity: (e) => e.type.split('.').slice(0, -1).join('.') || e.type,
  partition: (_e, partition) => partition,
};

/** Characters that a topic name may not have become `_`; #, @ and $ are ordinary in IBM i names. */
const NOT_IN_TOPICS = /[^A-Za-z0-9._-]/g;

/** @throws CodedError family `config` for a field the template may not have */
function topicTemplate(template: string, partition: string): (event: StoredEvent) => string {
  const parts = template.split(/\$\{\s*(\w+)\s*\}/);
  for (const name of parts.filter((_, i) => i % 2 === 1)) {
    if (!Object.hasOwn(FIELDS, name)) throw badTopic(`has \${${name}}`);
  }
  if (NOT_IN_TOPICS.test(parts.filter((_, i) => i % 2 === 0).join('')))
    throw badTopic('has a character no topic may have');
  const made = new Map<string, string>();
  return (event) => {
    const id = `${event.table}\n${event.type}`;
    const known = made.get(id);
    if (known !== undefined) return known;
    const topic = parts
      .map((part, i) => (i % 2 === 0 ? part : FIELDS[part]!(event, partition).replace(NOT_IN_TOPICS, '_')))
      .join('');
    if (made.size < 10_000) made.set(id, topic);
    return topic;
  };
}

/** What the events of one type and table have in common. */
interface Shape {
  readonly table: string;
  readonly type: string;
  readonly topic: string;
  readonly source: string;
}

/** One list of records a topic, in the order of the events. */
export function recordMaker(options: RecordOptions): (events: readonly OutboundEvent[]) => TopicMessages[] {
  const shapeOf = shapes(options);
  const clock = new EventClock();
  const { headers: fixed, tombstones } = options;
  const plain = Object.keys(fixed).length === 0;
  return (events) => {
    const topics = new Map<string, Message[]>();
    let topic = '';
    let messages: Message[] = [];
    for (const { event, body } of events) {
      const shape = shapeOf(event);
      if (shape.topic !== topic) {
        topic = shape.topic;
        messages = topics.get(topic) ?? [];
        topics.set(topic, messages);
      }
      const own = headersOf(event, shape.source);
      const headers = plain ? own : { ...fixed, ...own };
      const timestamp = String(clock.ms(event.time) || event.appendedAt);
      if (event.contentType !== TOMBSTONE_TYPE) messages.push({ key: event.traceKey, value: body, headers, timestamp });
      // compaction forgets a key only after a record without a value
      if (tombstones && event.tombstone) messages.push({ key: event.traceKey, value: null, headers, timestamp });
    }
    return [...topics].map(([topic, messages]) => ({ topic, messages }));
  };
}

/** Events of one type and table mostly follow each other. */
function shapes({ topic, partition }: RecordOptions): (event: StoredEvent) => Shape {
  const topicOf = topicTemplate(topic, partition);
  let last: Shape | null = null;
  return (event) => {
    const { table, type } = event;
    if (last === null || last.table !== table || last.type !== type) {
      last = { table, type, topic: topicOf(event), source: `ibmi://${partition}/${table}` };
    }
    return last;
  };
}

function headersOf(event: StoredEvent, source: string): Record<string, string> {
  return {
    'content-type': event.contentType,
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_type: event.type,
    ce_source: source,
    ce_subject: event.key,
    ce_time: event.time,
    ce_eventversion: event.version,
  };
}

function badTopic(what: string): CodedError {
  return new CodedError({
    code: 'KAFKA_TOPIC',
    message: `the topic template ${what}; expected letters, digits, ".", "_", "-" and \${table}, \${library}, \${file}, \${type}, \${entity}, \${partition}`,
    next: 'correct topic, for example "erp.${file}"',
  });
}
