/** What keeps a rule from carrying the row of its parent. */
import type { RuleOptions } from '../../map/options';
import { entryFor, sameIdentifier } from '../../model/identifiers';
import { formatName } from '../../model/position';
import type { Config, TableConfig } from '../config';
import { findTable } from '../find-table';
import type { Finding } from '../issue';

type Path = readonly (string | number)[];

/** Errors; none for rules without `parent.fetch`. */
export function fetchFindings(config: Config, table: TableConfig, rule: RuleOptions, path: Path): Finding[] {
  const { parent } = rule;
  if (!parent?.fetch) return [];
  const at = [...path, 'parent', 'fetch'];
  const finding = (seen: string, expected: string): Finding => ({
    severity: 'error',
    code: 'CFG_PARENT_FETCH',
    path: at,
    at: 'value',
    seen,
    expected,
    suggestion: null,
  });
  const own = parent.table && findTable(config, formatName(parent.table));
  const shown = own?.rules.find((r) => r.event.is === 'entity' && r.parent === null && r.event.entity === parent.event);
  if (!own || !shown)
    return [
      finding('fetch', `expected parent.table with a rule of its own under tables:, with event: ${parent.event}`),
    ];
  const found: Finding[] = [];
  const thin = rule.to.filter((d) => config.destinations[d]?.storePayload === false);
  if (thin.length > 0)
    found.push(
      finding('fetch', `expected storePayload: true of ${thin.join(', ')}: the row cannot be read as it was again`),
    );
  if (rule.envelope.is === 'template')
    found.push(finding('fetch', 'expected envelope cloudevents, plain or debezium: they say when the row was read'));
  for (const column of Object.values(parent.key))
    if (entryFor(rule.mask, column) !== undefined || entryFor(rule.columns, column)?.meaning)
      found.push(finding(column, 'expected a key without mask or date: the row is looked for by what the event has'));
  if (own.key !== null) {
    const names = own.key.map((column) => entryFor(shown.columns, column)?.as ?? column);
    const given = Object.keys(parent.key);
    const same = names.length === given.length && names.every((n) => given.some((g) => sameIdentifier(g, n)));
    if (!same)
      found.push(
        finding(
          given.join(', '),
          `expected parent.key to name the key of ${formatName(table.table)}'s parent: ${names.join(', ')}`,
        ),
      );
  }
  return found;
}
