/**
 * Body of an event. CloudEvents 1.0 structured JSON by default; Debezium's change envelope, a plain object, or a template.
 * Everything but `meta.attempt` is a function of the entry and the rule; the attempt is one byte delivery replaces.
 */

import type { Change, ChangeOp } from '../../model/change';
import { formatName, type Position } from '../../model/position';
import type { FieldError } from '../../model/record-format';
import type { JsonSink } from '../../record/write/json-sink';
import type { EnvelopeOptions, JsonValue } from '../options';
import { fillTemplate } from '../plan/template';
import { MetaText, quoted } from './meta';

export const CLOUDEVENTS_TYPE = 'application/cloudevents+json';
const JSON_TYPE = 'application/json';

/** What is the same for every event of a rule. */
export interface EnvelopeFacts {
  readonly partition: string;
  readonly library: string;
  readonly file: string;
  readonly rule: string;
  readonly version: string;
  readonly product: string;
}

/** One event about to be written. */
export interface EventContent {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly traceKey: string;
  readonly recordUrl: string | null;
  readonly op: ChangeOp;
  readonly change: Change;
  readonly position: Position | null;
  /** Digits of `position.sequence`, or empty. */
  readonly sequence: string;
  /** Names of changed members as a JSON array. */
  readonly changed: string;
  /** True if the row was left out because the event would have been too large. */
  readonly thinned: boolean;
  /** The key as a JSON object. */
  readonly keyJson: string;
  /** Append the row as one JSON object; null where there is no row. */
  readonly writeAfter: ((sink: JsonSink) => void) | null;
  readonly writeBefore: ((sink: JsonSink) => void) | null;
  /** Hex or base64 text of the record image, or null. */
  readonly raw: string | null;
  /** Of an event with a row that was read for it: JSON of `meta.parentRow`. */
  readonly parentRow?: string | null;
  /** Asked after the rows have been written. */
  decodeErrors(): readonly FieldError[];
}

/** Appends one body to the sink. @returns where the digit of `meta.attempt` stands, or -1 */
export type EnvelopeWriter = (sink: JsonSink, event: EventContent) => number;

export function compileEnvelope(envelope: EnvelopeOptions, facts: EnvelopeFacts): EnvelopeWriter {
  switch (envelope.is) {
    case 'cloudevents':
    case 'plain':
      return framed(frameOf(envelope, facts)!);
    case 'debezium':
      return debezium(facts);
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

/** What stands around the members of an event in the envelopes that have the `data` of the product. All of it JSON text. */
export interface Frame {
  /** Up to the id. */
  readonly open: string;
  readonly source: string;
  /** From the time's end; extensions follow. */
  readonly tail: string;
  /** Between the extensions and `"op"`. */
  readonly data: string;
  readonly close: string;
  extensions(e: EventContent): string;
}

/** Null for envelopes of another build. */
export function frameOf(envelope: EnvelopeOptions, facts: EnvelopeFacts): Frame | null {
  const source = quoted(sourceUri(facts.partition, facts.library, facts.file));
  if (envelope.is === 'plain') return { ...plainFrame(facts), source };
  if (envelope.is !== 'cloudevents') return null;
  return {
    open: '{"specversion":"1.0","id":"',
    source,
    tail: `","datacontenttype":"application/json","rule":${quoted(facts.rule)},"eventversion":${quoted(facts.version)}`,
    data: ',"data":{',
    close: '}}',
    extensions,
  };
}

function plainFrame(facts: EnvelopeFacts): Omit<Frame, 'source'> {
  return {
    open: '{"id":"',
    tail: `","rule":${quoted(facts.rule)},"version":${quoted(facts.version)}`,
    data: ',',
    close: '}',
    extensions(e) {
      const link = e.recordUrl === null ? '' : `,"recordUrl":${quoted(e.recordUrl)}`;
      return e.thinned ? `${link},"thinned":true` : link;
    },
  };
}

/** CloudEvents extension attributes: lower case letters and digits only. */
function extensions(e: EventContent): string {
  const trace = e.traceKey === e.subject ? '' : `,"tracekey":${quoted(e.traceKey)}`;
  const url = e.recordUrl === null ? trace : `${trace},"recordurl":${quoted(e.recordUrl)}`;
  return e.thinned ? `${url},"thinned":true` : url;
}

/** Few long writes cost less than many short ones: text is joined up to the next row. */
function framed(f: Frame): EnvelopeWriter {
  const meta = new MetaText();
  return (sink, e) => {
    const head = `${f.open}${e.id}","type":"${e.type}","source":${f.source},"subject":${quoted(e.subject)},"time":"${e.time}${f.tail}${f.extensions(e)}${f.data}`;
    return writeData(sink, head, e, meta, f.close);
  };
}

const NO_ERRORS = '"decodeErrors":[]}';

/** The members of `data` between `head` and `close` (ASCII). */
function writeData(sink: JsonSink, head: string, e: EventContent, meta: MetaText, close: string): number {
  let text = `${head}"op":"${e.op}","key":${e.keyJson},"after":`;
  if (e.writeAfter) {
    sink.text(text);
    e.writeAfter(sink);
    text = ',"before":';
  } else text += 'null,"before":';
  if (e.writeBefore) {
    sink.text(text);
    e.writeBefore(sink);
    text = '';
  } else text += 'null';
  const raw = e.raw === null ? '' : `,"raw":"${e.raw}"`;
  const read = e.parentRow ? `,"parentRow":${e.parentRow}` : '';
  text += `,"changed":${e.changed}${raw},"meta":{${meta.of(e.change, e.position, e.sequence)}${read},"attempt":`;
  const errors = e.decodeErrors();
  if (errors.length === 0) {
    sink.text(`${text}1,${NO_ERRORS}${close}`);
    return sink.at - close.length - NO_ERRORS.length - 2;
  }
  sink.text(text);
  const attempt = sink.at;
  sink.text(`1,"decodeErrors":${JSON.stringify(errors)}}${close}`);
  return attempt;
}

const DEBEZIUM_OP: Readonly<Record<ChangeOp, string>> = { insert: 'c', update: 'u', delete: 'd', read: 'r' };

/** Debezium's envelope as its JSON converter writes it without schemas; `ts_ms` is the time of the entry. */
function debezium(facts: EnvelopeFacts): EnvelopeWriter {
  return (sink, e) => {
    const at = Date.parse(`${e.time.slice(0, 23).replace(/Z$/, '')}Z`);
    const c = e.change;
    sink.text('{"before":');
    if (e.writeBefore) e.writeBefore(sink);
    sink.text(e.writeBefore ? ',"after":' : 'null,"after":');
    if (e.writeAfter) e.writeAfter(sink);
    const source = {
      version: facts.product,
      connector: 'ibmi-cdc',
      name: facts.partition,
      ts_ms: at,
      snapshot: e.op === 'read' ? 'true' : 'false',
      db: facts.partition,
      schema: facts.library,
      table: facts.file,
      journal: c.journal && formatName(c.journal),
      receiver: e.position && formatName(e.position.receiver),
      sequence: e.position && e.sequence,
      commit_cycle: c.commitCycle === 0n ? null : String(c.commitCycle),
      rrn: c.rrn === 0n ? null : String(c.rrn),
      user: c.user || null,
      job: c.job || null,
      program: c.program || null,
      ...(c.remoteAddress ? { remote_address: c.remoteAddress } : {}),
      event_id: e.id,
      event_type: e.type,
      ...(e.parentRow ? { parent_row: JSON.parse(e.parentRow) as unknown } : {}),
      decode_errors: e.decodeErrors(),
    };
    sink.text(
      `${e.writeAfter ? '' : 'null'},"source":${JSON.stringify(source)},"op":"${DEBEZIUM_OP[e.op]}","ts_ms":${at},"transaction":`,
    );
    sink.text(c.commitCycle === 0n ? 'null}' : `{"id":"${c.commitCycle}"}}`);
    return -1;
  };
}

/** The plain event is written, read back and poured into the template; room behind it in the sink serves as scratch. */
function template(facts: EnvelopeFacts, shape: JsonValue): EnvelopeWriter {
  const write = framed(frameOf({ is: 'plain' }, facts)!);
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
