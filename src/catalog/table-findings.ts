/** What the catalog says against capturing a table, each with the command that mends it. */

import type { CheckCode } from '../errors/codes/findings';
import { counted } from '../model/counted';
import { writtenName } from '../model/identifiers';
import { formatName, type QualifiedName } from '../model/position';
import { type CheckFinding, finding, passed } from './finding';
import type { IndexLead } from './index-leads';
import { columnNamed, type TableFacts } from './table-facts';

/** What the config wants of the table. */
interface TableWish {
  readonly capture: 'journal' | { readonly window: readonly string[] };
  /** Key of the config; null leaves it to the catalog. */
  readonly key: readonly string[] | null;
  /** Journal used in the advice for files that are not journaled. */
  readonly journal: QualifiedName | null;
}

export function tableFindings(facts: TableFacts, wish: TableWish, leads: readonly IndexLead[]): CheckFinding[] {
  const name = formatName(facts.file);
  const found: CheckFinding[] = [];
  const add = (code: CheckCode, text: string, fix: string | null = null): void => {
    found.push(finding(code, name, text, fix));
  };
  const state = stateFinding(facts, wish);
  if (state) return [state];
  if (wish.capture === 'journal' && facts.journal?.images === 'AFTER')
    add(
      'CHECK_TABLE_AFTER_IMAGES',
      'IMAGES(*AFTER): updates have no before image and deletes outside commitment control carry no row, only the record number',
      `CHGJRNOBJ OBJ((${name} *FILE)) ATR(*IMAGES) IMAGES(*BOTH)`,
    );
  const key = wish.key ?? facts.key?.columns ?? null;
  if (!key)
    add(
      'CHECK_TABLE_NO_KEY',
      'no unique key is known: events are ordered and identified by record number',
      `tables: ${name}: key: [COLUMN, ...]`,
    );
  else {
    const unknown = key.filter((k) => !columnNamed(facts, k));
    if (unknown.length > 0)
      add('CHECK_KEY_COLUMN', `key columns ${unknown.join(', ')} do not exist`, `ibmi-cdc plan --table ${name}`);
    else if (!wish.key && facts.key?.source === 'access path')
      add(
        'CHECK_KEY_NOT_UNIQUE',
        'the key is a keyed access path, which need not be unique',
        `tables: ${name}: key: [${key.join(', ')}]`,
      );
  }
  const untagged = facts.columns.filter((c) => c.format.ccsid === 65535 && /^(VAR)?CHAR$/.test(c.format.type));
  if (untagged.length > 0)
    add(
      'CHECK_CCSID_65535',
      `${counted(untagged.length, 'column has', 'columns have')} CCSID 65535 and come as bytes: ${untagged
        .slice(0, 5)
        .map((c) => c.format.name)
        .join(', ')}${untagged.length > 5 ? '...' : ''}`,
      `tables: ${name}: ccsid: 37`,
    );
  if (facts.members.length > 1)
    add(
      'CHECK_MEMBERS',
      `${facts.members.length} members; only the first is captured unless the config says *ALL`,
      `tables: ${name}: member: "*ALL"`,
    );
  if (wish.capture !== 'journal') found.push(...windowFindings(facts, wish.capture.window, leads));
  return found.length > 0 ? found : [passed('table', name, key ? `key ${key.join(', ')}` : 'captured')];
}

function stateFinding(facts: TableFacts, wish: TableWish): CheckFinding | null {
  const name = formatName(facts.file);
  const error = (code: CheckCode, fix: string): CheckFinding => finding(code, name, facts.reason, fix);
  switch (facts.state) {
    case 'ok':
      return null;
    case 'missing':
      return error(
        'CHECK_TABLE_MISSING',
        `check the name: SELECT SYSTEM_TABLE_NAME, TABLE_NAME FROM QSYS2.SYSTABLES WHERE SYSTEM_TABLE_SCHEMA = '${facts.file.library}'; or grant: GRTOBJAUT OBJ(${name}) OBJTYPE(*FILE) USER(<profile>) AUT(*USE)`,
      );
    case 'no member':
      return error('CHECK_TABLE_MEMBER', `ADDPFM FILE(${name}) MBR(${facts.file.name})`);
    case 'not journaled':
      if (wish.capture !== 'journal') return null;
      return error(
        'CHECK_TABLE_NOT_JOURNALED',
        `STRJRNPF FILE(${name}) JRN(${wish.journal ? formatName(wish.journal) : '<library>/<journal>'}) IMAGES(*BOTH) OMTJRNE(*OPNCLO); or capture: { window: { by: [...] } }`,
      );
    case 'unauthorised':
      return error(
        'CHECK_TABLE_AUTHORITY',
        `GRTOBJAUT OBJ(${name}) OBJTYPE(*FILE) USER(<profile>) AUT(*USE); GRTOBJAUT OBJ(${facts.file.library}) OBJTYPE(*LIB) USER(<profile>) AUT(*EXECUTE)`,
      );
    case 'locked':
      return error('CHECK_TABLE_LOCKED', `WRKOBJLCK OBJ(${name}) OBJTYPE(*FILE)`);
    default:
      return error('CHECK_TABLE_LAYOUT', `DSPFFD FILE(${name})`);
  }
}

/** A window reads by its cursor every few seconds: without an index that starts with it, each look reads the table. */
function windowFindings(facts: TableFacts, by: readonly string[], leads: readonly IndexLead[]): CheckFinding[] {
  const name = formatName(facts.file);
  const first = by[0]!;
  const column = columnNamed(facts, first);
  if (!column)
    return [
      finding('CHECK_WINDOW_COLUMN', name, `window column ${first} does not exist`, `ibmi-cdc plan --table ${name}`),
    ];
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
      'CHECK_WINDOW_INDEX',
      name,
      `no index begins with ${first}: every look reads the whole table`,
      `CREATE INDEX ${index} ON ${of} (${names.join(', ')})`,
    ),
  ];
}
