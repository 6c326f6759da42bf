/** What the catalog says against capturing a table, each with the command that mends it. */

import { counted } from '../model/counted';
import { writtenName } from '../model/identifiers';
import { formatName, type QualifiedName } from '../model/position';
import { type Finding, finding } from './finding';
import type { IndexLead } from './index-leads';
import { columnNamed, type TableFacts } from './table-facts';

/** What the config wants of the table. */
export interface TableWish {
  readonly capture: 'journal' | { readonly window: readonly string[] };
  /** Key of the config; null leaves it to the catalog. */
  readonly key: readonly string[] | null;
  /** Journal used in the advice for files that are not journaled. */
  readonly journal: QualifiedName | null;
}

export function tableFindings(facts: TableFacts, wish: TableWish, leads: readonly IndexLead[]): Finding[] {
  const name = formatName(facts.file);
  const found: Finding[] = [];
  const add = (level: Finding['level'], text: string, fix: string | null = null): void => {
    found.push(finding(level, 'table', name, text, fix));
  };
  const state = stateFinding(facts, wish);
  if (state) return [state];
  if (wish.capture === 'journal' && facts.journal?.images === 'AFTER')
    add(
      'warning',
      'IMAGES(*AFTER): updates have no before image and deletes outside commitment control carry no row, only the record number',
      `CHGJRNOBJ OBJ((${name} *FILE)) ATR(*IMAGES) IMAGES(*BOTH)`,
    );
  const key = wish.key ?? facts.key?.columns ?? null;
  if (!key)
    add(
      'warning',
      'no unique key is known: events are ordered and identified by record number',
      `tables: ${name}: key: [COLUMN, ...]`,
    );
  else {
    const unknown = key.filter((k) => !columnNamed(facts, k));
    if (unknown.length > 0)
      add('error', `key columns ${unknown.join(', ')} do not exist`, `ibmi-cdc plan --table ${name}`);
    else if (!wish.key && facts.key?.source === 'access path')
      add(
        'warning',
        'the key is a keyed access path, which need not be unique',
        `tables: ${name}: key: [${key.join(', ')}]`,
      );
  }
  const untagged = facts.columns.filter((c) => c.format.ccsid === 65535 && /^(VAR)?CHAR$/.test(c.format.type));
  if (untagged.length > 0)
    add(
      'warning',
      `${counted(untagged.length, 'column has', 'columns have')} CCSID 65535 and come as bytes: ${untagged
        .slice(0, 5)
        .map((c) => c.format.name)
        .join(', ')}${untagged.length > 5 ? '...' : ''}`,
      `tables: ${name}: ccsid: 37`,
    );
  if (facts.members.length > 1)
    add(
      'warning',
      `${facts.members.length} members; only the first is captured unless the config says *ALL`,
      `tables: ${name}: member: "*ALL"`,
    );
  if (wish.capture !== 'journal') found.push(...windowFindings(facts, wish.capture.window, leads));
  if (found.length === 0) add('ok', key ? `key ${key.join(', ')}` : 'captured');
  return found;
}

function stateFinding(facts: TableFacts, wish: TableWish): Finding | null {
  const name = formatName(facts.file);
  const error = (text: string, fix: string | null): Finding => finding('error', 'table', name, text, fix);
  switch (facts.state) {
    case 'ok':
      return null;
    case 'missing':
      return error(
        facts.reason,
        `check the name: SELECT SYSTEM_TABLE_NAME, TABLE_NAME FROM QSYS2.SYSTABLES WHERE SYSTEM_TABLE_SCHEMA = '${facts.file.library}'; or grant: GRTOBJAUT OBJ(${name}) OBJTYPE(*FILE) USER(<profile>) AUT(*USE)`,
      );
    case 'no member':
      return error(facts.reason, `ADDPFM FILE(${name}) MBR(${facts.file.name})`);
    case 'not journaled':
      if (wish.capture !== 'journal') return null;
      return error(
        facts.reason,
        `STRJRNPF FILE(${name}) JRN(${wish.journal ? formatName(wish.journal) : '<library>/<journal>'}) IMAGES(*BOTH) OMTJRNE(*OPNCLO); or capture: { window: { by: [...] } }`,
      );
    case 'unauthorised':
      return error(
        facts.reason,
        `GRTOBJAUT OBJ(${name}) OBJTYPE(*FILE) USER(<profile>) AUT(*USE); GRTOBJAUT OBJ(${facts.file.library}) OBJTYPE(*LIB) USER(<profile>) AUT(*EXECUTE)`,
      );
    case 'locked':
      return error(facts.reason, `WRKOBJLCK OBJ(${name}) OBJTYPE(*FILE)`);
    default:
      return error(facts.reason, `DSPFFD FILE(${name})`);
  }
}

/** A window reads by its cursor every few seconds: without an index that starts with it, each look reads the table. */
function windowFindings(facts: TableFacts, by: readonly string[], leads: readonly IndexLead[]): Finding[] {
  const name = formatName(facts.file);
  const first = by[0]!;
  const column = columnNamed(facts, first);
  if (!column)
    return [finding('error', 'window', name, `window column ${first} does not exist`, `ibmi-cdc plan --table ${name}`)];
  const served = leads.some(
    (lead) =>
      formatName(lead.table) === formatName(facts.sqlName) &&
      (lead.column === column.format.name || lead.column === column.systemName),
  );
  if (served) return [];
  const names = by.map((b) => writtenName(columnNamed(facts, b)?.format.name ?? b));
  const of = `${writtenName(facts.sqlName.library)}.${writtenName(facts.sqlName.name)}`;
  const index = `${writtenName(facts.sqlName.library)}.${writtenName(`${facts.file.name}_CDC`)}`;
  return [
    finding(
      'warning',
      'window',
      name,
      `no index begins with ${first}: every look reads the whole table`,
      `CREATE INDEX ${index} ON ${of} (${names.join(', ')})`,
    ),
  ];
}
