/** `debug`: capturing requests and answers in full for a while: what is asked for, what there is, and what was caught. */

import { rowSeal } from '../assembly/outbox-options';
import type { Config } from '../config/config';
import { type DebugCapture, DebugTable } from '../debug/debug-table';
import type { DebugExchange } from '../debug/recorder';
import { sealedText } from '../debug/sealed-text';
import { CodedError } from '../errors/coded-error';
import { counted } from '../model/counted';
import { line } from '../telemetry/visible';
import { eventTable } from './event-table';
import type { StateFile } from './state-file';

interface DebugAsk {
  readonly destination?: string;
  readonly table?: string;
  readonly forMs: number;
  readonly maxBytes: number;
}

/** A capture as `--json` prints it; times ISO. */
interface DebugReport {
  readonly debug: number;
  readonly destination: string | null;
  readonly table: string | null;
  readonly state: 'running' | 'ended by time' | 'ended by size' | 'stopped';
  readonly since: string;
  readonly until: string;
  readonly exchanges: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly cut: number;
}

const MOST_RUNNING = 10;
const ENDS = { time: 'ended by time', size: 'ended by size', stopped: 'stopped' } as const;

/** @throws CodedError DEBUG_WHAT, DEBUG_MANY, TABLE_UNKNOWN (config) */
export function startDebug(config: Config, state: StateFile, asked: DebugAsk, now: number): DebugReport {
  const { destination, table, forMs, maxBytes } = asked;
  if ((destination === undefined) === (table === undefined))
    throw new CodedError({
      code: 'DEBUG_WHAT',
      message: 'a capture is of one destination or of one table',
      next: 'give either --destination NAME or --table LIB/FILE',
    });
  if (destination !== undefined && !(destination in config.destinations))
    throw new CodedError({
      code: 'DEBUG_WHAT',
      message: `no destination ${destination}; ${config.file} has ${Object.keys(config.destinations).join(', ')}`,
    });
  const debug = new DebugTable(state.store);
  if (debug.running(now).length >= MOST_RUNNING)
    throw new CodedError({
      code: 'DEBUG_MANY',
      message: `${MOST_RUNNING} captures are running`,
      next: '`ibmi-cdc debug list` shows them; end one: ibmi-cdc debug stop ID',
    });
  const name = destination ?? eventTable(config, state, table!).file;
  const kind = destination === undefined ? 'table' : 'destination';
  return reportOf(debug.start({ kind, name, forMs, maxBytes }, now));
}

export function debugList(state: StateFile, now: number): DebugReport[] {
  const debug = new DebugTable(state.store);
  debug.running(now);
  return debug.list().map(reportOf);
}

/** @param ids none stops all that run. @returns those that were running */
export function stopDebug(state: StateFile, ids: readonly number[], now: number): DebugReport[] {
  const debug = new DebugTable(state.store);
  const wanted = debug.running(now).filter(({ id }) => ids.length === 0 || ids.includes(id));
  return wanted.filter(({ id }) => debug.end(id, 'stopped', now)).map(({ id }) => reportOf(debug.get(id)!));
}

/** The capture that is meant: by number, else the newest that runs, else the newest. @throws CodedError DEBUG_NONE */
export function debugOf(state: StateFile, id: number | null, now: number): DebugReport {
  const debug = new DebugTable(state.store);
  const running = debug.running(now);
  const found = id === null ? (running.at(-1) ?? debug.list().at(-1)) : debug.get(id);
  if (found) return reportOf(found);
  throw new CodedError({
    code: 'DEBUG_NONE',
    message: id === null ? 'nothing was captured' : `there is no capture ${id}`,
    next: 'begin one: ibmi-cdc debug start --destination NAME --for 15m',
  });
}

/** What was caught behind a number, and the number of the last one. */
export function debugExchanges(
  config: Config,
  state: StateFile,
  { debug: id }: DebugReport,
  after: number,
): { readonly exchanges: readonly DebugExchange[]; readonly last: number } {
  const { open } = sealedText(rowSeal(config));
  const rows = new DebugTable(state.store).exchanges(id, after, 100);
  const texts = rows.map(({ content }) => open(content)).filter((text) => text !== null);
  return { exchanges: texts.map((text) => JSON.parse(text) as DebugExchange), last: rows.at(-1)?.no ?? after };
}

export function debugText(r: DebugReport): string {
  const what = r.destination === null ? `table ${r.table}` : `destination ${r.destination}`;
  const until = r.state === 'running' ? `running until ${r.until}` : r.state;
  const cut = r.cut > 0 ? `, ${r.cut} of them cut` : '';
  const size = `${counted(r.exchanges, 'exchange')}${cut}, ${r.bytes} of ${r.maxBytes} bytes`;
  const next = r.state === 'ended by size' ? '; what came after is not kept' : '';
  return line(`debug ${r.debug}  ${what}  ${until}, ${size}${next}`);
}

/** For a person: request and answer, as they would be seen on the wire. */
export function exchangeText(e: DebugExchange): string {
  const { request, response } = e;
  const line = request.method === null ? e.destination : `${request.method} ${request.url}`;
  const head = `--- ${e.at}  ${e.destination}  ${e.outcome}${e.status === null ? '' : ` ${e.status}`}  ${e.ms} ms  ${e.events.map(({ id }) => id).join(' ')}`;
  const body = request.body ?? `(body not kept: ${e.withheld ?? 'nothing was sent'})`;
  const answer = response ?? (e.error === null ? '(no answer)' : `(${e.error})`);
  const cut = e.cut ? '(cut)\n' : '';
  return [head, line, request.headers, '', body, '', answer, cut].join('\n');
}

function reportOf(c: DebugCapture): DebugReport {
  return {
    debug: c.id,
    destination: c.kind === 'destination' ? c.name : null,
    table: c.kind === 'table' ? c.name : null,
    state: c.ended === null ? 'running' : ENDS[c.ended],
    since: new Date(c.startedAt).toISOString(),
    until: new Date(c.until).toISOString(),
    exchanges: c.exchanges,
    bytes: c.bytes,
    maxBytes: c.maxBytes,
    cut: c.cut,
  };
}
