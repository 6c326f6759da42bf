/** Alerts as the CLI prints and the API serves them. Times are ISO 8601, UTC. */
import { type Alert, AlertBook } from '../../alerts/alert-book';
import { messageOf } from '../../alerts/message';
import { sinkOf } from '../../alerts/sinks/create';
import { alertOptions } from '../../assembly/alert-options';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { ALERT_RULES } from '../../model/watching/alert-rules';
import { line } from '../../telemetry/visible';
import type { StateFile } from '../state-file';

export interface AlertView {
  readonly no: number;
  readonly rule: string;
  readonly subject: string;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly next: string;
  /** Page of the console. */
  readonly page: string;
  readonly since: string;
  /** Null while it lasts. */
  readonly endedAt: string | null;
}

/** The worst first. */
export function raisedAlerts({ store }: StateFile): AlertView[] {
  return new AlertBook(store).raised().map(viewOf);
}

/** Newest first. */
export function endedAlerts({ store }: StateFile, limit: number): AlertView[] {
  return new AlertBook(store).ended(limit).map(viewOf);
}

function viewOf({ no, rule, subject, severity, summary, next, page, since, endedAt }: Alert): AlertView {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    ...{ no, rule, subject, severity, summary, next, page },
    since: iso(since),
    endedAt: endedAt === null ? null : iso(endedAt),
  };
}

export function alertLine({ rule, severity, summary, next, since, endedAt }: AlertView): string {
  const word = severity === 'critical' ? 'CRITICAL' : 'warning';
  if (endedAt !== null) return line(`${word}  ${summary}  (${rule}, ${since} to ${endedAt})`);
  return line(`${word}  ${summary}; since ${since}; next: ${next}  (${rule})`);
}

interface SinkTest {
  readonly sink: string;
  readonly accepted: boolean;
  /** Why not. */
  readonly detail: string | null;
}

/**
 * One message marked as a test to each sink, and its end: an incident that it opens somewhere is closed again.
 * @param names of sinks; all of them if empty
 * @throws CodedError `ALERT_SINK` for a name that is not configured, or when there is none
 */
export async function testSinks(config: Config, names: readonly string[], now: number): Promise<SinkTest[]> {
  const { sinks, link } = alertOptions(config);
  const unknown = names.find((name) => !sinks.some((sink) => sink.name === name));
  if (sinks.length === 0 || unknown !== undefined) {
    const known = sinks.map(({ name }) => name).join(', ');
    throw new CodedError({
      code: 'ALERT_SINK',
      message: sinks.length === 0 ? 'alerts.sinks names no sink' : `alerts.sinks has no ${unknown}; it has ${known}`,
      next: 'docs/alerts.md has an example of each kind of sink',
      facts: { file: config.file },
    });
  }
  const wanted = sinks.filter(({ name }) => names.length === 0 || names.includes(name));
  const about = { partition: config.partition.name, link };
  return Promise.all(
    wanted.map(async (options) => {
      const sink = sinkOf(options);
      const { signal } = new AbortController();
      try {
        await sink.send(messageOf(testAlert(now, null), 'test', about), signal);
        await sink.send(messageOf(testAlert(now, now), 'ended', about), signal);
        return { sink: options.name, accepted: true, detail: null };
      } catch (error) {
        return { sink: options.name, accepted: false, detail: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

function testAlert(now: number, endedAt: number | null): Alert {
  return {
    no: now,
    rule: 'position-stands-still',
    subject: 'test',
    severity: ALERT_RULES['position-stands-still'].severity,
    level: 0,
    summary: 'this is a test of ibmi-cdc alerts test; nothing is wrong',
    next: 'nothing to do',
    page: '',
    ...{ since: now, raisedAt: now, endedAt },
  };
}
