/** What the journal itself says of a key: changes that were filtered, held, not read yet, and by which clause. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, queryOf } from '../../frame/api';
import type { Trace } from '../../frame/models';
import { go, type Place } from '../../frame/router';
import { useAct, useAsk } from '../../frame/use-ask';
import { Answer, Grid, ProblemBox, Section, Time } from '../../parts/basics';
import { bigNumber, t } from '../../words/language';

interface Story {
  readonly table: string;
  readonly op: string;
  readonly receiver: string;
  readonly sequence: string;
  readonly entryAt: string;
  readonly user: string;
  readonly job: string;
  readonly program: string;
  readonly fate: string;
  readonly rules: readonly {
    readonly rule: string;
    readonly outcome: string;
    readonly clause: string | null;
    readonly says: string;
  }[];
  readonly next: string | null;
}

interface JournalStories {
  readonly journal: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly entries: number;
  readonly stories: readonly Story[];
}

type Wish = Readonly<Record<string, string | null>>;

/** By number the ledger answers at once; by key the journal has to be read, so that is asked for. */
export function JournalAnswer({ place, asked }: { place: Place; asked: Wish }): JSX.Element | null {
  const byNumber = Boolean(asked['receiver'] && (asked['fromSequence'] || asked['toSequence']));
  if (!byNumber && !asked['key']) return null;
  const query = queryOf({ ...asked, limit: 50 });
  return (
    <Section title={t('journalSays')}>
      {place.query.get('journal') === 'true' || byNumber ? (
        <Asked path={`/v1/trace${query}`} />
      ) : (
        <>
          <p>{t('journalHint')}</p>
          <button type="button" onClick={() => go(`${place.path}${queryOf({ ...asked, journal: true })}`)}>
            {t('askJournal')}
          </button>
        </>
      )}
    </Section>
  );
}

function Asked({ path }: { path: string }): JSX.Element {
  const trace = useAsk<Trace>(path);
  return (
    <Answer asked={trace}>
      {({ fates, found, notAsked }) => (
        <>
          <ProblemBox problem={notAsked && { code: notAsked.code, detail: notAsked.message, next: notAsked.next }} />
          {fates.length > 0 && (
            <Grid
              caption={t('fates')}
              items={fates}
              keyOf={(f) => `${f.receiver}:${f.fromSequence}`}
              columns={[
                { word: 'receiver', cell: (f) => f.receiver },
                { word: 'entries', cell: (f) => `${bigNumber(f.fromSequence)} – ${bigNumber(f.toSequence)}` },
                { word: 'fate', cell: (f) => f.fate },
              ]}
            />
          )}
          {(found?.journals as readonly JournalStories[] | undefined)?.map((j) => (
            <Stories key={j.journal} of={j} />
          ))}
          {found?.without.map(({ table, why }) => (
            <p key={table}>
              {table}: {why}
            </p>
          ))}
        </>
      )}
    </Answer>
  );
}

function Stories({ of }: { of: JournalStories }): JSX.Element {
  return (
    <>
      <p class="quiet">
        {of.journal}: {of.from ?? '–'} – {of.to ?? '–'}, {t('entriesRead', { n: of.entries })}
      </p>
      <ul class="stories">
        {of.stories.map((s) => (
          <li key={`${s.receiver}:${s.sequence}`}>
            <p>
              <strong>{s.fate}</strong> {s.op} {s.table} <code>{`${s.receiver}:${s.sequence}`}</code>{' '}
              <Time at={s.entryAt} /> {[s.user, s.job, s.program].filter(Boolean).join(' ')}
            </p>
            <ul>
              {s.rules.map((r) => (
                <li key={r.rule}>
                  {t('rule')} {r.rule}: {r.says}
                </li>
              ))}
            </ul>
            {s.next && (
              <p>
                {t('next')}: <code>{s.next}</code>
              </p>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Why other rules sent nothing of the same change, asked of the journal by its number. */
export function OtherRules({ wish }: { wish: Wish }): JSX.Element {
  const [found, setFound] = useState<Trace | null>(null);
  const { busy, problem, act } = useAct<void>();
  const look = (): void =>
    void act(async () => setFound(await ask<Trace>('GET', `/v1/trace${queryOf({ ...wish, limit: 5 })}`)));
  return (
    <>
      {found === null ? (
        <button type="button" disabled={busy} onClick={look}>
          {t('askJournal')}
        </button>
      ) : (
        (found.found?.journals as readonly JournalStories[] | undefined)?.map((j) => <Stories key={j.journal} of={j} />)
      )}
      <ProblemBox problem={problem} />
    </>
  );
}
