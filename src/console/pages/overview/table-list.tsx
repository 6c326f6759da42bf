/** Hundreds of tables: those that need someone first, and a field to find one by its name. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ask } from '../../frame/api';
import type { Page, Table } from '../../frame/models';
import { Badge, Grid, TableLink } from '../../parts/basics';
import { number, t } from '../../words/language';

const SHOWN = 100;
const PAGE = 500;

export function TableList(): JSX.Element {
  const [tables, setTables] = useState<readonly Table[] | null>(null);
  const [sought, setSought] = useState('');
  useEffect(() => {
    const ended = new AbortController();
    void allTables(ended.signal).then(setTables, () => setTables([]));
    return () => ended.abort();
  }, []);
  const found = useMemo(() => {
    const text = sought.trim().toUpperCase();
    const fits = (tables ?? []).filter((x) => x.table.toUpperCase().includes(text) || x.file.includes(text));
    return [...fits].sort((a, b) => badness(b) - badness(a));
  }, [tables, sought]);
  if (tables === null) return <p class="quiet">{t('loading')}</p>;
  return (
    <>
      <label class="find">
        <span>{t('findTable')}</span>
        <input type="search" value={sought} onInput={(e) => setSought(e.currentTarget.value)} />
      </label>
      <p class="quiet" role="status">
        {t('shownOf', { shown: Math.min(SHOWN, found.length), all: tables.length })}
      </p>
      <Grid
        caption={t('tables')}
        items={found.slice(0, SHOWN)}
        keyOf={(x) => x.table}
        columns={[
          { word: 'table', cell: (x) => <TableLink name={x.table} /> },
          { word: 'state', cell: (x) => <TableState table={x} /> },
          { word: 'capture', cell: (x) => x.capture },
          { word: 'events', cell: (x) => x.rules.map((r) => r.name).join(', ') },
          { word: 'to', cell: (x) => [...new Set(x.rules.flatMap((r) => r.to))].join(', ') },
          { word: 'setAsideCount', right: true, cell: (x) => number(x.quarantined.reduce((n, q) => n + q.count, 0)) },
        ]}
      />
    </>
  );
}

async function allTables(signal: AbortSignal): Promise<readonly Table[]> {
  const all: Table[] = [];
  for (let after = ''; ; ) {
    const page = await ask<Page<Table>>('GET', `/v1/tables?limit=${PAGE}${after}`, undefined, signal);
    all.push(...page.items);
    if (page.next === null) return all;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

function badness({ unseenChanges, paused, quarantined }: Table): number {
  return (unseenChanges ? 4 : 0) + (paused ? 2 : 0) + (quarantined.length > 0 ? 1 : 0);
}

export function TableState({ table }: { table: Pick<Table, 'unseenChanges' | 'paused' | 'quarantined'> }): JSX.Element {
  if (table.unseenChanges) return <Badge mood="bad">{t('unseen')}</Badge>;
  if (table.paused) return <Badge mood="warn">{t('paused')}</Badge>;
  if (table.quarantined.length > 0) return <Badge mood="warn">{t('setAsideSome')}</Badge>;
  return <Badge mood="good">{t('captured')}</Badge>;
}
