/** Stored events by the filters of `trace`; with a key, also what the journal says of changes that left none. */
import type { JSX } from 'preact';
import { pathOf, queryOf } from '../frame/api';
import type { ListedEvent } from '../frame/models';
import type { Place } from '../frame/router';
import { Badge, Grid, Head, TableLink, Time } from '../parts/basics';
import { type Field, Filters } from '../parts/filters';
import { More, useList } from '../parts/more';
import { t } from '../words/language';
import { JournalAnswer } from './events/journal-answer';

const FIELDS: readonly Field[] = [
  { name: 'table', word: 'table' },
  { name: 'key', word: 'key' },
  { name: 'type', word: 'type' },
  { name: 'id', word: 'id' },
  { name: 'since', word: 'since', type: 'datetime-local' },
  { name: 'until', word: 'until', type: 'datetime-local' },
  { name: 'receiver', word: 'receiver' },
  { name: 'fromSequence', word: 'fromSequence' },
  { name: 'toSequence', word: 'toSequence' },
];

export function EventsPage({ place }: { place: Place }): JSX.Element {
  const asked = Object.fromEntries(FIELDS.map(({ name }) => [name, place.query.get(name)]));
  const list = useList<ListedEvent>(`/v1/events${queryOf({ ...asked, limit: 50 })}`);
  return (
    <>
      <Head title={t('events')} />
      <Filters place={place} fields={FIELDS} />
      <EventGrid items={list.items} empty={list.loading ? t('loading') : t('noEvents')} />
      <More list={list} />
      <JournalAnswer place={place} asked={asked} />
    </>
  );
}

function EventGrid({ items, empty }: { items: readonly ListedEvent[]; empty: string }): JSX.Element {
  return (
    <Grid
      caption={t('events')}
      items={items}
      empty={empty}
      keyOf={(e) => `${e.id} ${e.writtenAt}`}
      columns={[
        { word: 'written', cell: (e) => <Time at={e.writtenAt} /> },
        { word: 'type', cell: (e) => <a href={`/events${pathOf(e.id)}`}>{e.type}</a> },
        { word: 'key', cell: (e) => e.key },
        { word: 'table', cell: (e) => <TableLink name={e.table} /> },
        { word: 'entry', cell: (e) => (e.receiver ? <code>{`${e.receiver}:${e.sequence}`}</code> : '–') },
        { word: 'destinations', cell: (e) => <Deliveries of={e.destinations} /> },
      ]}
    />
  );
}

const MOODS = { delivered: 'good', pending: 'idle', waiting: 'warn', held: 'warn', dead: 'bad' } as const;

export function Deliveries({ of }: { of: ListedEvent['destinations'] }): JSX.Element {
  return (
    <>
      {of.map((d) => (
        <span key={d.destination} class="delivery">
          {d.destination} <Badge mood={MOODS[d.state]}>{t(d.state)}</Badge>
        </span>
      ))}
    </>
  );
}
