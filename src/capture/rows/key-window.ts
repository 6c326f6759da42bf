/** Which keys lie in a range of dates, where the dated column is part of the key. */
import type { TableFacts } from '../../catalog/table-facts';
import { findNamed } from '../../model/identifiers';
import type { JudgedRule } from '../../reconcile/sources';
import { keyMembers } from '../../remember/held-keys';
import type { TableMapping } from '../tables/table-mapping';

interface Range {
  readonly column: string;
  readonly from: string;
  readonly to: string;
}

/** A key whose member is no ISO date lies in no range. */
export function keyWindow(
  mapping: TableMapping,
  facts: TableFacts,
  { column, from, to }: Range,
): (rule: JudgedRule, key: Uint8Array) => boolean {
  const wanted = findNamed(column, facts.columns, (c) => [c.format.name, c.systemName]);
  const name = wanted?.format.name ?? column;
  const places = mapping.keyColumns(facts.file);
  return ({ index }, key) => {
    const at = places[index]!.indexOf(name);
    const day = at < 0 ? null : (keyMembers(key)[at] ?? null);
    if (day === null || !/^\d{4}-\d\d-\d\d/.test(day)) return false;
    return day.slice(0, 10) >= from && day.slice(0, 10) <= to;
  };
}
