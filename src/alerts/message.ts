/** An alert as people and programs read it. */
import type { Alert } from './alert-book';

export interface AlertMessage {
  /** The same for every message about one alert: who gets them can put them together. */
  readonly key: string;
  readonly kind: 'raised' | 'worse' | 'repeated' | 'ended' | 'test';
  readonly partition: string;
  readonly rule: string;
  readonly subject: string;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly next: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** When it was over; null while it lasts. */
  readonly endedAt: string | null;
  /** Page of the console; null where `alerts.link` is not set. */
  readonly link: string | null;
}

export function messageOf(
  alert: Alert,
  kind: AlertMessage['kind'],
  about: { readonly partition: string; readonly link: string | null },
): AlertMessage {
  const { rule, subject, severity, summary, next, since, endedAt, page } = alert;
  return {
    key: `ibmi-cdc/${about.partition}/${rule}/${subject}/${alert.no}`,
    ...{ kind, partition: about.partition, rule, subject, severity, summary, next },
    since: new Date(since).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    link: about.link === null ? null : `${about.link.replace(/\/$/, '')}/${page}`,
  };
}

const HEADS: Readonly<Record<AlertMessage['kind'], string>> = {
  raised: '',
  worse: 'worse: ',
  repeated: 'still: ',
  ended: 'over: ',
  test: 'test: ',
};

/** One line: `[critical] PROD over: Journal ...`. */
export function headOf({ kind, severity, partition, summary }: AlertMessage): string {
  return `[${severity}] ${partition} ${HEADS[kind]}${summary}`;
}

/** The lines below it. */
export function linesOf({ kind, rule, next, since, endedAt, link }: AlertMessage): string[] {
  const lines = [`since ${since}${endedAt === null ? '' : `, over ${endedAt}`}`];
  if (kind !== 'ended') lines.push(`next: ${next}`);
  if (link !== null) lines.push(link);
  lines.push(`rule ${rule}`);
  return lines;
}
