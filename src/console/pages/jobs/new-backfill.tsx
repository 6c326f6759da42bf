/** A backfill: what, counted first, then begun. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { ask } from '../../frame/api';
import { useAct } from '../../frame/use-ask';
import { ProblemBox } from '../../parts/basics';
import { Confirm } from '../../parts/confirm';
import { number, t } from '../../words/language';
import type { Word } from '../../words/words';

const FIELDS: readonly (readonly [name: string, word: Word, type: 'text' | 'date'])[] = [
  ['table', 'table', 'text'],
  ['column', 'dateColumn', 'text'],
  ['from', 'firstDay', 'date'],
  ['to', 'lastDay', 'date'],
  ['where', 'where', 'text'],
];

export function NewBackfill({ onDone }: { onDone: () => void }): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const [rows, setRows] = useState<number | null>(null);
  const { busy, problem, act } = useAct<void>();
  const wish = (): Record<string, string> => {
    const given = [...new FormData(form.current!)].map(([name, value]) => [name, String(value).trim()] as const);
    return Object.fromEntries(given.filter(([, value]) => value !== ''));
  };
  const count = (event: SubmitEvent): void => {
    event.preventDefault();
    void act(async () =>
      setRows((await ask<{ rows: number }>('POST', '/v1/backfills', { ...wish(), dryRun: true })).rows),
    );
  };
  const begin = (): void =>
    void act(async () => {
      setRows(null);
      await ask('POST', '/v1/backfills', wish());
      onDone();
    });
  return (
    <>
      <form class="filters" ref={form} onSubmit={count} aria-label={t('newBackfill')}>
        {FIELDS.map(([name, word, type]) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: one of two inputs stands in it
          <label key={name}>
            <span>{t(word)}</span>
            {type === 'date' ? (
              <input type="date" name={name} />
            ) : (
              <input type="text" name={name} required={name === 'table'} />
            )}
          </label>
        ))}
        <div class="row">
          <button type="submit" disabled={busy}>
            {t('countRows')}
          </button>
        </div>
      </form>
      <ProblemBox problem={problem} />
      {rows !== null && (
        <Confirm
          title={t('backfillRows', { n: number(rows) })}
          action={t('begin')}
          onYes={begin}
          onNo={() => setRows(null)}
        >
          <p>{t('backfillMeans')}</p>
        </Confirm>
      )}
    </>
  );
}
