/** Live tail: events as they are written. A click freezes it, so that what was seen can be read; nothing is lost meanwhile. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { pathOf, queryOf } from '../frame/api';
import { type LiveEvent, useEvery, useLive } from '../frame/live';
import { go, type Place } from '../frame/router';
import { Badge, Grid, Head, TableLink, Time } from '../parts/basics';
import { type Field, Filters } from '../parts/filters';
import { number, t } from '../words/language';

const FIELDS: readonly Field[] = [
  { name: 'table', word: 'table' },
  { name: 'type', word: 'type' },
  { name: 'key', word: 'key' },
];
const SHOWN = 200;
/** So often the list is drawn again, however many events come. */
const DRAW_MS = 250;

export function TailPage({ place }: { place: Place }): JSX.Element {
  const asked = Object.fromEntries(FIELDS.map(({ name }) => [name, place.query.get(name)]));
  const [frozen, setFrozen] = useState(false);
  const { items, count, heard } = useTail(queryOf(asked) || '?', frozen);
  return (
    <>
      <Head title={t('tail')}>
        <button type="button" class={frozen ? 'main' : ''} aria-pressed={frozen} onClick={() => setFrozen(!frozen)}>
          {t(frozen ? 'goOn' : 'freeze')}
        </button>
        <span role="status">
          {!heard && <Badge mood="warn">{t('notHeard')}</Badge>} {t('arrived', { n: number(count) })}{' '}
          {frozen && <Badge mood="warn">{t('frozen')}</Badge>}
        </span>
      </Head>
      <Filters place={place} fields={FIELDS} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button above does the same for the keyboard */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div
        class={frozen ? 'frozen' : ''}
        onClick={(event) => {
          setFrozen(true);
          const link = (event.target as Element).closest('a');
          if (link) go(link.pathname + link.search);
        }}
      >
        <Grid
          caption={t('tail')}
          items={items}
          empty={t('waitingForEvents')}
          keyOf={(e) => `${e.id} ${e.writtenAt}`}
          columns={[
            { word: 'written', cell: (e) => <Time at={e.writtenAt} /> },
            { word: 'type', cell: (e) => <a href={`/events${pathOf(e.id)}`}>{e.type}</a> },
            { word: 'key', cell: (e) => e.key },
            { word: 'table', cell: (e) => <TableLink name={e.table} /> },
            { word: 'rule', cell: (e) => e.rule },
            { word: 'entry', cell: (e) => (e.receiver ? <code>{`${e.receiver}:${e.sequence}`}</code> : '–') },
          ]}
        />
      </div>
    </>
  );
}

/** What arrived last, drawn now and then, but not while it is frozen. */
function useTail(query: string, frozen: boolean) {
  const [items, setItems] = useState<readonly LiveEvent[]>([]);
  const arrived = useRef<LiveEvent[]>([]);
  const [count, setCount] = useState(0);
  const counted = useRef(0);
  const heard = useLive(query, {
    event: (event) => {
      counted.current++;
      arrived.current.unshift(event);
      if (arrived.current.length > SHOWN) arrived.current.length = SHOWN;
    },
    skipped: (from, to) => {
      counted.current += to - from;
    },
  });
  useEvery(DRAW_MS, () => {
    if (counted.current !== count) setCount(counted.current);
    if (!frozen && items[0] !== arrived.current[0]) setItems([...arrived.current]);
  });
  return { items, count, heard };
}
