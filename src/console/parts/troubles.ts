/** What is wrong, worst first: what the daemon says of itself, put into one list. */
import { pathOf, queryOf, twoParts } from '../frame/api';
import type { StatusView } from '../frame/models';
import { bigNumber, number, t } from '../words/language';

export interface Trouble {
  readonly level: 'bad' | 'warn';
  readonly title: string;
  /** What was seen. */
  readonly detail: string;
  readonly since: string | null;
  /** The next step: words, CL or commands, in the order to give them. */
  readonly next: readonly string[];
  /** Page with more of it. */
  readonly link: string | null;
}

/** Hours until entries are lost that are worth a warning, and those that are worse. */
const WARN_HOURS = 24;
const BAD_HOURS = 6;

export function troublesOf(status: StatusView): Trouble[] {
  const own = [
    ...ofJournals(status),
    ...ofTables(status),
    ...ofDestinations(status),
    ...ofJobs(status),
    ...ofCredentials(status),
  ];
  const all = [...own, ...ofHealth(status, own)];
  return [...all.filter((x) => x.level === 'bad'), ...all.filter((x) => x.level === 'warn')];
}

function ofJournals({ journals }: StatusView): Trouble[] {
  return journals.flatMap((j): Trouble[] => {
    const about = { title: t('journalNamed', { name: j.journal }), link: `/journals${twoParts(j.journal)}` };
    const next = ['ibmi-cdc doctor'];
    if (j.positionGone)
      return [{ ...about, level: 'bad', detail: t('positionGone', { at: j.read }), since: j.asOf, next }];
    const found: Trouble[] = [];
    const hours = j.hoursToDataLoss;
    if (hours !== null && hours < WARN_HOURS) {
      const detail = t('lossIn', { hours: number(hours) });
      const keep = [t('keepReceivers'), `CHGJRN JRN(${j.journal}) DLTRCV(*NO)`];
      found.push({ ...about, level: hours < BAD_HOURS ? 'bad' : 'warn', detail, since: null, next: keep });
    }
    if (j.stale && j.asOf !== null) {
      const behind = j.lastBehind === null ? '?' : bigNumber(j.lastBehind);
      found.push({ ...about, level: 'warn', detail: t('staleJournal', { behind }), since: j.asOf, next });
    }
    return found;
  });
}

function ofTables({ unseenChanges, pausedTables, quarantined }: StatusView): Trouble[] {
  const about = (table: string) => ({ title: t('tableNamed', { name: table }), link: `/tables${twoParts(table)}` });
  return [
    ...unseenChanges.map(
      (u): Trouble => ({ ...about(u.table), level: 'bad', detail: u.text, since: u.since, next: u.next }),
    ),
    ...pausedTables.map(
      (p): Trouble => ({
        ...about(p.table),
        level: 'warn',
        detail: t('pausedTable', { why: p.reason, n: number(p.deliveries) }),
        since: p.heldAt,
        next: [`ibmi-cdc resume --table ${p.table}`],
      }),
    ),
    ...quarantined.map(
      (q): Trouble => ({
        ...about(q.table),
        level: 'warn',
        detail: t('setAside', { n: number(q.count), code: q.code, place: q.lastPlace }),
        since: q.firstAt,
        next: [t('mendField', { table: q.table })],
      }),
    ),
  ];
}

function ofDestinations({ destinations }: StatusView): Trouble[] {
  return destinations.flatMap((d): Trouble[] => {
    const name = d.destination;
    const about = { title: t('destinationNamed', { name }), link: `/destinations${pathOf(name)}` };
    const found: Trouble[] = [];
    if (d.disabled) {
      const next = [`ibmi-cdc resume --destination ${name}`];
      found.push({
        ...about,
        level: 'bad',
        detail: t('disabledBy', { why: d.disabled.why }),
        since: d.disabled.since,
        next,
      });
    } else if (d.denied) {
      const next = [t('checkCredentials', { name })];
      found.push({ ...about, level: 'bad', detail: t('deniedBy', { why: d.denied.why }), since: d.denied.since, next });
    } else if (d.failing) {
      const next = [t('testIt', { name })];
      found.push({
        ...about,
        level: 'bad',
        detail: t('failingBy', { why: d.failing.why }),
        since: d.failing.since,
        next,
      });
    }
    if (d.deadLetters > 0) {
      const next = [t('retryLetters'), `ibmi-cdc dlq list --destination ${name}`];
      const link = `/dead-letters${queryOf({ destination: name })}`;
      found.push({
        ...about,
        link,
        level: 'warn',
        detail: t('hasLetters', { n: number(d.deadLetters) }),
        since: null,
        next,
      });
    }
    return found;
  });
}

function ofJobs({ reconciles, backfills, replays }: StatusView): Trouble[] {
  const link = '/jobs';
  const differences = reconciles.filter((r) => r.different + r.missing + r.extra > r.repaired);
  const failed = [
    ...backfills
      .filter((b) => b.state === 'failed')
      .map((b) => ({ table: b.table, message: b.message, word: 'backfill' })),
    ...replays
      .filter((r) => r.state === 'failed')
      .map((r) => ({ table: r.journal, message: r.message, word: 'replay' })),
  ];
  return [
    ...failed.map(
      (f): Trouble => ({
        level: 'warn',
        title: t('tableNamed', { name: f.table }),
        detail: t('jobFailed', { job: f.word, why: f.message ?? '' }),
        since: null,
        next: [t('seeJobs')],
        link,
      }),
    ),
    ...differences.map(
      (r): Trouble => ({
        level: 'warn',
        title: t('tableNamed', { name: r.table }),
        detail: t('hasDifferences', { different: r.different, missing: r.missing, extra: r.extra }),
        since: r.at,
        next: [`ibmi-cdc reconcile --table ${r.table} --repair`],
        link,
      }),
    ),
  ];
}

function ofCredentials({ credentials }: StatusView): Trouble[] {
  return credentials.map(({ path, detail }) => ({
    level: 'bad',
    title: t('credentialNamed', { name: path }),
    detail,
    since: null,
    next: [t('correctFile')],
    link: null,
  }));
}

/** What health says beside: checks that are red, warnings that none of the others stands for. */
function ofHealth({ health, state }: StatusView, own: readonly Trouble[]): Trouble[] {
  const said = new Set(own.map(({ title }) => title));
  const known = (name: string): boolean => {
    const [kind, ...rest] = name.split(' ');
    const word = {
      journal: 'journalNamed',
      table: 'tableNamed',
      destination: 'destinationNamed',
      credential: 'credentialNamed',
    } as const;
    const of = word[kind as keyof typeof word];
    return of !== undefined && said.has(t(of, { name: rest.join(' ') }));
  };
  const red = health.checks.filter((c) => !c.ok);
  const warned = health.warnings.filter(({ name }) => !known(name));
  return [
    ...red.map((c) => healthTrouble('bad', c, c.name === 'state file' ? state.fullSince : null)),
    ...warned.map((w) => healthTrouble('warn', w, null)),
  ];
}

function healthTrouble(
  level: Trouble['level'],
  { name, detail }: { readonly name: string; readonly detail: string },
  since: string | null,
): Trouble {
  const [seen, next] = detail.split(/; next: /, 2);
  return {
    level,
    title: name,
    detail: seen!,
    since,
    next: next === undefined ? ['ibmi-cdc doctor'] : [next],
    link: null,
  };
}
