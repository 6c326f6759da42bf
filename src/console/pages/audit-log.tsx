/** The operators' log: who did what, when, to what, and what came of it. */
import type { JSX } from 'preact';
import { queryOf } from '../frame/api';
import type { ActionView } from '../frame/models';
import type { Place } from '../frame/router';
import { Badge, Grid, Head, Time } from '../parts/basics';
import { type Field, Filters } from '../parts/filters';
import { More, useList } from '../parts/more';
import { t } from '../words/language';

const FIELDS: readonly Field[] = [
  { name: 'who', word: 'who' },
  { name: 'what', word: 'action' },
  { name: 'since', word: 'begunSince', type: 'datetime-local' },
  { name: 'until', word: 'begunUntil', type: 'datetime-local' },
];
const MOODS = { done: 'good', refused: 'warn', failed: 'bad', begun: 'idle' } as const;

export function AuditLogPage({ place }: { place: Place }): JSX.Element {
  const asked = Object.fromEntries(FIELDS.map(({ name }) => [name, place.query.get(name)]));
  const list = useList<ActionView>(`/v1/audit-log${queryOf({ ...asked, limit: 100 })}`);
  return (
    <>
      <Head title={t('auditLog')} />
      <Filters place={place} fields={FIELDS} />
      <Grid
        caption={t('auditLog')}
        items={list.items}
        empty={list.loading ? t('loading') : t('nothing')}
        keyOf={(a) => a.no}
        columns={[
          { word: 'number', right: true, cell: (a) => a.no },
          { word: 'begun', cell: (a) => <Time at={a.when} /> },
          { word: 'who', cell: (a) => a.who },
          { word: 'via', cell: (a) => [a.via, a.from].filter(Boolean).join(' ') },
          { word: 'action', cell: (a) => a.what },
          { word: 'scope', cell: (a) => <code>{JSON.stringify(a.scope)}</code> },
          { word: 'result', cell: (a) => <Badge mood={MOODS[a.result]}>{a.result}</Badge> },
          { word: 'facts', cell: (a) => <code>{JSON.stringify(a.facts)}</code> },
        ]}
      />
      <More list={list} />
    </>
  );
}
