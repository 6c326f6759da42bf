/** What is wrong at a moment: rules over facts, pure and without memory. */
import { ALERT_RULES, type AlertRule, type AlertSeverity } from '../model/watching/alert-rules';

/** Times are epoch milliseconds; null is unknown, or nothing to say. */
export interface AlertFacts {
  readonly now: number;
  readonly journals: readonly JournalFacts[];
  readonly windows: readonly { readonly table: string; readonly overdueMs: number; readonly trouble: string | null }[];
  readonly destinations: readonly DestinationFacts[];
  readonly tables: readonly TableAlertFacts[];
  /** What happened within the last hour, by table. */
  readonly happened: readonly Happening[];
  readonly diskFullSince: number | null;
  readonly credentials: readonly { readonly path: string; readonly detail: string }[];
  readonly password: { readonly user: string; readonly days: number } | null;
  /** Of receivers and of the partition, as last shown. */
  readonly certificates: readonly { readonly host: string; readonly validTo: number }[];
  /** Files and keys that a comparison found to differ. */
  readonly differences: readonly { readonly table: string; readonly rows: number }[];
  readonly rates: readonly RateFact[];
}

interface JournalFacts {
  /** `LIB/JOURNAL`. */
  readonly journal: string;
  /** Since the position moved or proved idle; null before the first time. */
  readonly stillMs: number | null;
  readonly trouble: string | null;
  readonly hoursToLoss: number | null;
}

export interface DestinationFacts {
  readonly destination: string;
  readonly failing: { readonly since: number; readonly why: string; readonly next: number } | null;
  readonly denied: { readonly since: number; readonly why: string } | null;
  readonly disabled: { readonly since: number; readonly why: string } | null;
  /** Length of the whole retry schedule, milliseconds. */
  readonly schedule: number | null;
  /** How long the oldest event has waited, and what entries not yet read add to it. */
  readonly lagMs: number | null;
  readonly maxLag: number | null;
  readonly deadLetters: number;
}

export interface TableAlertFacts {
  readonly table: string;
  readonly paused: { readonly since: number; readonly reason: string } | null;
  readonly gap: { readonly detail: string; readonly next: string } | null;
  /** Of the slowest of its destinations. */
  readonly lagMs: number | null;
  readonly maxLag: number | null;
}

export interface Happening {
  readonly what: 'changes-quarantined' | 'decode-errors' | 'mass-delete' | 'schema-changed';
  readonly table: string;
  /** Column, code or kind of notice. */
  readonly of: string;
  readonly count: number;
  /** When it happened last. */
  readonly at: number;
}

export interface RateFact {
  readonly table: string;
  readonly events: number;
  readonly usual: number;
  /** How many standard deviations it is away. */
  readonly away: number;
  /** End of the hour. */
  readonly at: number;
}

/** One thing that is wrong, at one subject. */
export interface Condition {
  readonly rule: AlertRule;
  /** What it is about: `LIB/TABLE`, a destination, a file... */
  readonly subject: string;
  readonly severity: AlertSeverity;
  /** A higher level of the same condition is told again. */
  readonly level: number;
  readonly since: number;
  /** It lasts until then although nothing shows it any more; null: as long as it is seen. */
  readonly until: number | null;
  readonly summary: string;
  /** A command, or what to do in words. */
  readonly next: string;
  /** Page of the console. */
  readonly page: string;
}

/** What may be chosen of a rule. */
interface RuleChoice {
  readonly severity: AlertSeverity;
  readonly limit: number;
}

type Found = Pick<Condition, 'subject' | 'summary' | 'next' | 'page'> & Partial<Condition>;
type Look = (facts: AlertFacts, choice: RuleChoice) => readonly Found[];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What happened is an alert for so long. */
const REMEMBERED = HOUR;
/** Shares of a retry schedule at which a failing destination is told again. */
const SHARES = [0.5, 0.7, 0.9, 1];
const CRITICAL_FROM = 0.9;

const LOOKS: Readonly<Record<AlertRule, Look>> = {
  'position-stands-still': ({ journals, now }) =>
    journals
      .filter(({ stillMs, trouble }) => trouble !== null || (stillMs ?? 0) > ALERT_RULES['position-stands-still'].after)
      .map(({ journal, stillMs, trouble }) => ({
        ...{ subject: journal, page: `journals/${journal}`, next: 'ibmi-cdc doctor' },
        since: now - (stillMs ?? 0),
        summary: `Journal ${journal} is not read: ${trouble ?? `nothing moved for ${duration(stillMs ?? 0)}`}`,
      })),
  'data-loss-near': ({ journals }, { limit }) =>
    journals
      .filter(({ hoursToLoss }) => hoursToLoss !== null && hoursToLoss < limit)
      .map(({ journal, hoursToLoss }) => ({
        ...{ subject: journal, page: `journals/${journal}` },
        level: hoursToLoss! < limit / 6 ? 1 : 0,
        summary: `A receiver of journal ${journal} that is still needed may be deleted in ${hoursToLoss!.toFixed(1)} hours`,
        next: `keep its receivers until they are read: CHGJRN JRN(${journal}) DLTRCV(*NO)`,
      })),
  'max-lag': (facts) => [
    ...facts.destinations.filter(isLate).map(({ destination, lagMs, maxLag }) => ({
      ...{ subject: destination, page: `destinations/${destination}`, next: 'ibmi-cdc status' },
      since: facts.now - (lagMs! - maxLag!),
      summary: `Destination ${destination} is ${duration(lagMs!)} behind, its maxLag is ${duration(maxLag!)}`,
    })),
    ...facts.tables.filter(isLate).map(({ table, lagMs, maxLag }) => ({
      ...{ subject: table, page: `tables/${table}`, next: 'ibmi-cdc status' },
      since: facts.now - (lagMs! - maxLag!),
      summary: `Events of ${table} are ${duration(lagMs!)} behind, its maxLag is ${duration(maxLag!)}`,
    })),
  ],
  'window-stands-still': ({ windows, now }) =>
    windows
      .filter(({ overdueMs, trouble }) => overdueMs > 0 || trouble !== null)
      .map(({ table, overdueMs, trouble }) => ({
        ...{ subject: table, page: `tables/${table}`, next: 'ibmi-cdc doctor', since: now - overdueMs },
        summary: `Table ${table} is not looked at: ${trouble ?? `due ${duration(overdueMs)} ago`}`,
      })),
  'destination-failing': ({ destinations, now }, { severity }) =>
    destinations.flatMap(({ destination, failing, schedule }) => {
      if (failing === null) return [];
      const share = schedule === null || schedule === 0 ? 0 : (now - failing.since) / schedule;
      const level = SHARES.filter((s) => share >= s).length;
      const passed =
        level === 0 ? '' : `; ${Math.min(100, Math.floor(share * 100))} % of its retry schedule have passed`;
      return [
        {
          ...{ subject: destination, page: `destinations/${destination}`, since: failing.since, level },
          severity: share >= CRITICAL_FROM ? ('critical' as const) : severity,
          summary: `Destination ${destination} accepts nothing: ${failing.why}${passed}`,
          next: 'ask who runs it; ibmi-cdc status shows the next attempt',
        },
      ];
    }),
  'destination-denied': ({ destinations }) =>
    destinations.flatMap(({ destination, denied }) =>
      denied === null
        ? []
        : [
            {
              ...{ subject: destination, page: `destinations/${destination}`, since: denied.since },
              summary: `Destination ${destination} refuses our credentials: ${denied.why}`,
              next: 'renew the credentials; files and programs of secrets are read again by themselves',
            },
          ],
    ),
  'destination-disabled': ({ destinations }) =>
    destinations.flatMap(({ destination, disabled }) =>
      disabled === null
        ? []
        : [
            {
              ...{ subject: destination, page: `destinations/${destination}`, since: disabled.since },
              summary: `Destination ${destination} is disabled: ${disabled.why}`,
              next: `ibmi-cdc resume --destination ${destination}`,
            },
          ],
    ),
  'dead-letters': ({ destinations }, { limit }) =>
    destinations
      .filter(({ deadLetters }) => deadLetters > limit)
      .map(({ destination, deadLetters }) => ({
        ...{ subject: destination, page: `dead-letters?destination=${destination}`, level: magnitude(deadLetters) },
        summary: `${deadLetters} dead letter${deadLetters === 1 ? '' : 's'} of destination ${destination}`,
        next: `ibmi-cdc dlq list --destination ${destination}`,
      })),
  'changes-quarantined': ({ happened }) => happenings(happened, 'changes-quarantined', 0, CHANGES_SET_ASIDE),
  'decode-errors': ({ happened }, { limit }) => happenings(happened, 'decode-errors', limit, UNDECODED),
  'table-paused': ({ tables }) =>
    tables.flatMap(({ table, paused }) =>
      paused === null
        ? []
        : [
            {
              ...{ subject: table, page: `tables/${table}`, since: paused.since },
              summary: `Table ${table} is paused by ${paused.reason}: its events are kept, not delivered`,
              next: `ibmi-cdc resume --table ${table}`,
            },
          ],
    ),
  'table-gap': ({ tables }) =>
    tables.flatMap(({ table, gap }) =>
      gap === null
        ? []
        : [{ subject: table, page: `tables/${table}`, summary: `Table ${table}: ${gap.detail}`, next: gap.next }],
    ),
  'mass-delete': ({ happened }) => happenings(happened, 'mass-delete', 0, DELETED),
  'schema-changed': ({ happened }) => happenings(happened, 'schema-changed', 0, ALTERED),
  'state-disk-full': ({ diskFullSince }) =>
    diskFullSince === null
      ? []
      : [
          {
            ...{ subject: 'state file', page: '', since: diskFullSince },
            summary: 'The disk of the state file is full: reading stands still, nothing is lost',
            next: 'make room; the daemon then goes on by itself',
          },
        ],
  'credential-unusable': ({ credentials }) =>
    credentials.map(({ path, detail }) => ({
      ...{ subject: path, page: '', next: 'correct the file or the program' },
      summary: `${path}: ${detail}; the value before is used`,
    })),
  'password-expires': ({ password }, { limit }) =>
    password === null || password.days >= limit
      ? []
      : [
          {
            ...{ subject: password.user, page: '', level: password.days <= 3 ? 1 : 0 },
            severity: password.days <= 3 ? 'critical' : 'warning',
            summary: `The password of ${password.user} expires in ${password.days} day${password.days === 1 ? '' : 's'}`,
            next: `CHGUSRPRF USRPRF(${password.user}) PASSWORD(...), then the secret of this configuration`,
          },
        ],
  'certificate-expires': ({ certificates, now }, { limit }) =>
    certificates
      .map(({ host, validTo }) => ({ host, days: Math.floor((validTo - now) / DAY) }))
      .filter(({ days }) => days < limit)
      .map(({ host, days }) => ({
        ...{ subject: host, page: '', level: days <= 3 ? 1 : 0 },
        severity: days <= 3 ? ('critical' as const) : ('warning' as const),
        summary: `The certificate of ${host} ${days < 0 ? 'has expired' : `expires in ${days} day${days === 1 ? '' : 's'}`}`,
        next: 'have it renewed; nothing is sent to a receiver whose certificate is not valid',
      })),
  'reconcile-differences': ({ differences }) =>
    differences
      .filter(({ rows }) => rows > 0)
      .map(({ table, rows }) => ({
        ...{ subject: table, page: `tables/${table}`, next: `ibmi-cdc reconcile --table ${table} --list` },
        summary: `Comparison of ${table}: ${rows} row${rows === 1 ? '' : 's'} differ`,
      })),
  'unusual-rate': ({ rates }, { limit }) =>
    rates
      .filter(({ away }) => Math.abs(away) >= limit)
      .map(({ table, events, usual, at }) => ({
        ...{ subject: table, page: `tables/${table}`, next: 'ibmi-cdc status', since: at, until: at + HOUR },
        summary: `Table ${table} wrote ${events} events within the hour; about ${Math.round(usual)} are usual at this time`,
      })),
};

/** @param choose null: the rule is off */
export function conditionsOf(facts: AlertFacts, choose: (rule: AlertRule) => RuleChoice | null): Condition[] {
  return (Object.keys(LOOKS) as AlertRule[]).flatMap((rule) => {
    const choice = choose(rule);
    if (choice === null) return [];
    return LOOKS[rule](facts, choice).map((found) => ({
      ...{ rule, level: 0, since: facts.now, until: null, severity: choice.severity },
      ...found,
    }));
  });
}

type Words = (table: string, of: string, count: number) => string;

const CHANGES_SET_ASIDE: Words = (table, of, count) =>
  `${count} change${count === 1 ? '' : 's'} of table ${table} could not become events and were set aside (${of})`;
const UNDECODED: Words = (table, of, count) => `Column ${of} of table ${table}: ${count} fields could not be decoded`;
const DELETED: Words = (table, of) => `Table ${table}: ${of}`;
const ALTERED: Words = (table) => `The record format of table ${table} has changed`;

function happenings(all: readonly Happening[], what: Happening['what'], limit: number, words: Words): Found[] {
  return all
    .filter((h) => h.what === what && h.count > limit)
    .map(({ table, of, count, at }) => ({
      ...{ subject: of === '' ? table : `${table} ${of}`, page: `tables/${table}`, next: 'ibmi-cdc status' },
      ...{ since: at, until: at + REMEMBERED, summary: words(table, of, count) },
    }));
}

function isLate({ lagMs, maxLag }: { readonly lagMs: number | null; readonly maxLag: number | null }): boolean {
  return lagMs !== null && maxLag !== null && lagMs > maxLag;
}

/** 1, 10, 100...: a hundred letters more are news, the next one is not. */
function magnitude(count: number): number {
  return Math.floor(Math.log10(count));
}

function duration(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 2 * HOUR) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / HOUR).toFixed(1)} h`;
}
