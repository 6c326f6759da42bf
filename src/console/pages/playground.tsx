/** The mapping playground: a record image or an entry, the mapping as YAML, and the events that come of it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, queryOf, twoParts } from '../frame/api';
import type { ListedEvent, Page, Table, TriedMapping } from '../frame/models';
import { go, type Place } from '../frame/router';
import { useAct, useAsk } from '../frame/use-ask';
import { Answer, Badge, Head, Json, ProblemBox, Section } from '../parts/basics';
import { ForOperators, useMay } from '../parts/role';
import { t } from '../words/language';
import { ImageGrid } from './event/image-grid';
import { type Given, InputChoice } from './playground/input-choice';

export function PlaygroundPage({ place }: { place: Place }): JSX.Element {
  const tables = useAsk<Page<Table>>('/v1/tables?limit=500');
  const table = place.query.get('table');
  const may = useMay('operator');
  return (
    <>
      <Head title={t('playground')} />
      <p>{t('playgroundMeans')}</p>
      <ForOperators>
        <Answer asked={tables}>
          {({ items }) => (
            <label class="find">
              <span>{t('table')}</span>
              <select onChange={(e) => go(`${place.path}${queryOf({ table: e.currentTarget.value })}`)}>
                <option value="">{t('chooseTable')}</option>
                {items.map((x) => (
                  <option key={x.file} value={x.file} selected={x.file === table}>
                    {x.table}
                  </option>
                ))}
              </select>
            </label>
          )}
        </Answer>
        {may && table && <Workshop key={table} table={table} />}
      </ForOperators>
    </>
  );
}

function Workshop({ table }: { table: string }): JSX.Element {
  const asIs = useAsk<{ mapping: string | null }>(`/v1/tables${twoParts(table)}/mapping`);
  const newest = useAsk<Page<ListedEvent>>(`/v1/events${queryOf({ table, limit: 20 })}`);
  const [text, setText] = useState('');
  const [given, setGiven] = useState<Given>({ op: 'insert' });
  const [tried, setTried] = useState<TriedMapping | null>(null);
  const { busy, problem, act } = useAct<void>();
  useEffect(() => {
    if (asIs.data) setText(asIs.data.mapping ?? '');
  }, [asIs.data]);
  const attempt = (event: SubmitEvent): void => {
    event.preventDefault();
    void act(async () => {
      setTried(null);
      setTried(await ask<TriedMapping>('POST', '/v1/mappings/try', { table, mapping: text, ...given }));
    });
  };
  return (
    <form onSubmit={attempt} aria-label={t('playground')}>
      <div class="halves">
        <div>
          <ProblemBox problem={asIs.problem} />
          <label>
            <span>{t('mappingYaml')}</span>
            <textarea
              value={text}
              spellcheck={false}
              autocomplete="off"
              rows={22}
              onInput={(e) => setText(e.currentTarget.value)}
            />
          </label>
        </div>
        <div>
          <InputChoice events={newest.data?.items ?? []} given={given} onGiven={setGiven} />
          <div class="row">
            <button type="submit" class="main" disabled={busy}>
              {t('tryIt')}
            </button>
          </div>
          <ProblemBox problem={problem} />
          {tried && <Outcome tried={tried} />}
        </div>
      </div>
      {tried && (
        <Section title={t('recordImage')}>
          <ImageGrid fields={tried.fields} hasBefore={tried.hasBefore} />
        </Section>
      )}
    </form>
  );
}

function Outcome({ tried }: { tried: TriedMapping }): JSX.Element {
  return (
    <div role="status">
      {tried.rules.map((r) => (
        <div key={r.rule}>
          <p>
            <Badge mood={r.outcome === 'mapped' ? 'good' : 'warn'}>{t(r.outcome)}</Badge> {t('rule')} {r.rule}: {r.says}
          </p>
          {r.events.map((e) => (
            <Json key={e.type} value={e.body} label={e.type} />
          ))}
        </div>
      ))}
    </div>
  );
}
