/**
 * Body of an event. CloudEvents 1.0 structured JSON by default; Debezium's change envelope, a plain object, or a template.
 * Everything but `meta.attempt` is a function of the entry and the rule; the attempt is one byte delivery replaces.
 */

import type { Change, ChangeOp } from '../model/change';
import { formatName } from '../model/position';
import type { FieldError } from '../model/record-format';
import type { JsonSink } from '../record/json-sink';
import type { EnvelopeOptions, JsonValue } from './options';
import { fillTemplate } from './template';

export const CLOUDEVENTS_TYPE = 'application/cloudevents+json';
export const JSON_TYPE = 'application/json';

/** What is the same for every event of a rule. */
export interface EnvelopeFacts {
  readonly partition: string;
  readonly library: string;
  readonly file: string;
  readonly rule: string;
  readonly version: string;
  readonly product: string;
}

/** One event about to be written. The row writers append one JSON value each to the sink. */
export interface EventContent {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly traceKey: string;
  readonly recordUrl: string | null;
  readonly op: ChangeOp;
  readonly change: Change;
  readonly changed: readonly string[];
  /** Overrides `change.table` where a child speaks for its parent. */
  readonly source: { readonly library: string; readonly file: string };
  writeKey(sink: JsonSink): void;
  writeAfter(sink: JsonSink): void;
  writeBefore(sink: JsonSink): void;
  /** Hex or base64 text of the record image, or null. */
  readonly raw: string | null;
  /** Asked after the rows have been written. */
  decodeErrors(): readonly FieldError[];
}

/** Appends one body to the sink. @returns where the digit of `meta.attempt` stands, or -1 */
export type EnvelopeWriter = (sink: JsonSink, event: EventContent) => number;

export function compileEnvelope(envelope: EnvelopeOptions, facts: EnvelopeFacts): EnvelopeWriter {
  switch (envelope.is) {
    case 'cloudevents':
      return cloudEvents(facts);
    case 'debezium':
      return debezium(facts);
    case 'plain':
      return plain(facts);
    case 'template':
      return template(facts, envelope.template);
  }
}

export function contentTypeOf(envelope: EnvelopeOptions): string {
  return envelope.is === 'cloudevents' ? CLOUDEVENTS_TYPE : JSON_TYPE;
}

/** `ibmi://PROD1/ORDLIB/ORDHDR`; the characters of IBM i names that a URI cannot hold are escaped. */
export function sourceUri(partition: string, library: string, file: string): string {
  return `ibmi://${[partition, library, file].map((p) => encodeURI(p).replaceAll('#', '%23').replaceAll('?', '%3F')).join('/')}`;
}

function cloudEvents(facts: EnvelopeFacts): EnvelopeWriter {
  const tail = `","datacontenttype":"application/json","rule":${json(facts.rule)},"eventversion":${json(facts.version)}`;
  return (sink, e) => {
    const source = json(sourceUri(facts.partition, e.source.library, e.source.file));
    sink.text(
      `{"specversion":"1.0","id":"${e.id}","type":"${e.type}","source":${source},"subject":${json(e.subject)},"time":"${e.time}${tail}${extensions(e)},"data":{`,
    );
    const attempt = writeData(sink, e);
    sink.text('}}');
    return attempt;
  };
}

/** CloudEvents extension attributes: lower case letters and digits only. */
function extensions(e: EventContent): string {
  const trace = e.traceKey === e.subject ? '' : `,"tracekey":${json(e.traceKey)}`;
  return e.recordUrl === null ? trace : `${trace},"recordurl":${json(e.recordUrl)}`;
}

function plain(facts: EnvelopeFacts): EnvelopeWriter {
  const tail = `","rule":${json(facts.rule)},"version":${json(facts.version)}`;
  return (sink, e) => {
    const source = json(sourceUri(facts.partition, e.source.library, e.source.file));
    const url = e.recordUrl === null ? '' : `,"recordUrl":${json(e.recordUrl)}`;
    sink.text(
      `{"id":"${e.id}","type":"${e.type}","source":${source},"subject":${json(e.subject)},"time":"${e.time}${tail}${url},`,
    );
    const attempt = writeData(sink, e);
    sink.text('}');
    return attempt;
  };
}

/** The members of `data`, without braces. */
function writeData(sink: JsonSink, e: EventContent): number {
  sink.text(`"op":"${e.op}","key":`);
  e.writeKey(sink);
  sink.text(',"after":');
  e.writeAfter(sink);
  sink.text(',"before":');
  e.writeBefore(sink);
  const raw = e.raw === null ? '' : `,"raw":"${e.raw}"`;
  sink.text(
    `,"changed":${e.changed.length === 0 ? '[]' : JSON.stringify(e.changed)}${raw},"meta":{${metaText(e.change)},"attempt":`,
  );
  const attempt = sink.at;
  const errors = e.decodeErrors();
  sink.text(errors.length === 0 ? '1,"decodeErrors":[]}' : `1,"decodeErrors":${JSON.stringify(errors)}}`);
  return attempt;
}

/** Values a row read by SQL cannot have are null. */
function metaText(c: Change): string {
  const journal = c.journal === null ? 'null' : `"${formatName(c.journal)}"`;
  const position =
    c.position === null
      ? '"receiver":null,"sequence":null'
      : `"receiver":"${formatName(c.position.receiver)}","sequence":"${c.position.sequence}"`;
  const cycle = c.commitCycle === 0n ? 'null' : `"${c.commitCycle}"`;
  const rrn = c.rrn === 0n ? 'null' : `"${c.rrn}"`;
  return `"mode":"${c.mode}","table":"${formatName(c.table)}","journal":${journal},${position},"commitCycle":${cycle},"rrn":${rrn},"user":${name(c.user)},"job":${name(c.job)},"program":${name(c.program)}`;
}

const PLAIN_NAME = /^[A-Za-z0-9_$#@*./ -]+$/;

function name(text: string): string {
  if (text === '') return 'null';
  return PLAIN_NAME.test(text) ? `"${text}"` : JSON.stringify(text);
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

const DEBEZIUM_OP: Readonly<Record<ChangeOp, string>> = { insert: 'c', update: 'u', delete: 'd', read: 'r' };

/** Debezium's envelope as its JSON converter writes it without schemas; `ts_ms` is the time of the entry. */
function debezium(facts: EnvelopeFacts): EnvelopeWriter {
  return (sink, e) => {
    const at = Date.parse(`${e.time.slice(0, 23).replace(/Z$/, '')}Z`);
    const c = e.change;
    sink.text('{"before":');
    e.writeBefore(sink);
    sink.text(',"after":');
    e.writeAfter(sink);
    const source = {
      version: facts.product,
      connector: 'ibmi-cdc',
      name: facts.partition,
      ts_ms: at,
      snapshot: e.op === 'read' ? 'true' : 'false',
      db: facts.partition,
      schema: e.source.library,
      table: e.source.file,
      journal: c.journal && formatName(c.journal),
      receiver: c.position && formatName(c.position.receiver),
      sequence: c.position && String(c.position.sequence),
      commit_cycle: c.commitCycle === 0n ? null : String(c.commitCycle),
      rrn: c.rrn === 0n ? null : String(c.rrn),
      user: c.user || null,
      job: c.job || null,
      program: c.program || null,
      event_id: e.id,
      event_type: e.type,
      decode_errors: e.decodeErrors(),
    };
    sink.text(`,"source":${JSON.stringify(source)},"op":"${DEBEZIUM_OP[e.op]}","ts_ms":${at},"transaction":`);
    sink.text(c.commitCycle === 0n ? 'null}' : `{"id":"${c.commitCycle}"}}`);
    return -1;
  };
}

/** The plain event is written, read back and poured into the template; room behind it in the sink serves as scratch. */
function template(facts: EnvelopeFacts, shape: JsonValue): EnvelopeWriter {
  const write = plain(facts);
  return (sink, e) => {
    const start = sink.at;
    write(sink, e);
    const event = JSON.parse(sink.since(start).toString('utf8')) as Record<string, JsonValue>;
    sink.at = start;
    const more = { traceKey: e.traceKey, recordUrl: e.recordUrl, partition: facts.partition };
    sink.text(JSON.stringify(fillTemplate(shape, { ...event, ...more })));
    return -1;
  };
}
