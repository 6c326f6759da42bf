/** Dead letters: a filter, and what matches it queued again or dropped, counted before it is done. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { queryOf } from '../frame/api';
import type { LetterView } from '../frame/models';
import type { Place } from '../frame/router';
import { DestinationLink, Grid, Head, Section, TableLink, Time } from '../parts/basics';
import { type Field, Filters } from '../parts/filters';
import { More, useList } from '../parts/more';
import { ForOperators } from '../parts/role';
import { number, t } from '../words/language';
import { Bulk } from './dead-letters/bulk';

const FIELDS: readonly Field[] = [
  { name: 'destination', word: 'destination' },
  { name: 'reason', word: 'reason' },
  { name: 'table', word: 'table' },
  { name: 'key', word: 'key' },
  { name: 'type', word: 'type' },
  { name: 'since', word: 'diedSince', type: 'datetime-local' },
  { name: 'until', word: 'diedUntil', type: 'datetime-local' },
];

export function DeadLettersPage({ place }: { place: Place }): JSX.Element {
  const [turn, setTurn] = useState(0);
  const asked = Object.fromEntries(FIELDS.map(({ name }) => [name, place.query.get(name)]));
  return (
    <>
      <Head title={t('deadLetters')} />
      <Filters place={place} fields={FIELDS} />
      <Section title={t('allMatching')}>
        <ForOperators>
          <Bulk wish={asked} key={place.query.toString()} onDone={() => setTurn(turn + 1)} />
        </ForOperators>
      </Section>
      <Letters key={turn} asked={asked} />
    </>
  );
}

function Letters({ asked }: { asked: Readonly<Record<string, string | null>> }): JSX.Element {
  const list = useList<LetterView>(`/v1/dead-letters${queryOf({ ...asked, limit: 100 })}`);
  return (
    <>
      <Grid
        caption={t('deadLetters')}
        items={list.items}
        empty={list.loading ? t('loading') : t('noLetters')}
        keyOf={(l) => l.no}
        columns={[
          { word: 'number', right: true, cell: (l) => <a href={`/dead-letters/${l.no}`}>{l.no}</a> },
          { word: 'died', cell: (l) => <Time at={l.deadAt} /> },
          { word: 'destination', cell: (l) => <DestinationLink name={l.destination} /> },
          { word: 'reason', cell: (l) => l.reason },
          { word: 'type', cell: (l) => l.type },
          { word: 'key', cell: (l) => l.key },
          { word: 'table', cell: (l) => <TableLink name={l.table} /> },
          { word: 'attempts', right: true, cell: (l) => number(l.attempts) },
          { word: 'message', cell: (l) => l.message },
        ]}
      />
      <More list={list} />
    </>
  );
}
