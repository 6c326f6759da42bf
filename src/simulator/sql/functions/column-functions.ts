/** Column functions, with FILTER and OVER. Source: Db2 for i SQL reference, "Aggregate functions", "OLAP specifications". */

import { unsupported } from '../failures';
import { get, list, type Node, variant } from '../tree/ast';
import { comparableText, convert, sortable } from '../types/convert';
import { targetArgument } from '../types/exact-form';
import {
  BIGINT,
  DECFLOAT34,
  DOUBLE,
  decimal,
  digitsOf,
  INTEGER,
  isExact,
  isInteger,
  isText,
  MAX_DIGITS,
  repOf,
  type SqlType,
  varchar,
} from '../types/sql-type';
import { expression, type Typed } from '../types/typed';
import type { Call } from './call';

interface Aggregate {
  /** SQLite call without FILTER and OVER. */
  readonly call: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** Null when the name is no aggregate here. */
export function aggregateFunction(c: Call, body: Node): Typed | null {
  const over = get(body, 'over');
  const distinct = get(body, 'args', 'List', 'duplicate_treatment') === 'Distinct' ? 'DISTINCT ' : '';
  const made = over !== null ? (olapFunction(c) ?? plain(c, distinct, body)) : plain(c, distinct, body);
  if (!made) return null;
  const filter = get(body, 'filter');
  const where = filter === null ? '' : ` FILTER (WHERE ${c.x.predicate(filter, c.scope)})`;
  const window = over === null ? '' : ` OVER ${windowOf(c, over)}`;
  return { ...expression(`${made.call}${where}${window}`, made.type, made.nullable), aggregate: over === null };
}

function plain(c: Call, distinct: string, body: Node): Aggregate | null {
  switch (c.name) {
    case 'COUNT':
    case 'COUNT_BIG': {
      const type = c.name === 'COUNT' ? INTEGER : decimal(MAX_DIGITS, 0);
      const inner = c.args[0] === 'Wildcard' || c.args.length === 0 ? '*' : `${distinct}${countable(c.arg(0))}`;
      const call = c.name === 'COUNT' ? `COUNT(${inner})` : `d_conv(COUNT(${inner}), 0, ${MAX_DIGITS}, 0)`;
      return { call, type, nullable: false };
    }
    case 'SUM':
      return sum(c, distinct);
    case 'AVG':
      return average(c, distinct);
    case 'MIN':
    case 'MAX':
      return c.args.length === 1 ? extreme(c) : null;
    case 'LISTAGG':
      return listAggregate(c, distinct, body);
    case 'STDDEV':
    case 'STDDEV_POP':
    case 'VARIANCE':
    case 'VAR':
    case 'VAR_POP': {
      const e = convert(c.arg(0, DOUBLE), DOUBLE);
      const name = c.name.startsWith('STDDEV') ? 'r_stddev' : 'r_variance';
      return { call: `${name}(${distinct}${e.sql})`, type: DOUBLE, nullable: true };
    }
    default:
      return null;
  }
}

function countable(e: Typed): string {
  return isText(e.type) ? comparableText(e) : e.sql;
}

function sum(c: Call, distinct: string): Aggregate {
  const e = numeric(c.arg(0, decimal(15, 5)));
  if (!isExact(e.type)) return floating(c.name, e, distinct);
  const type = sumType(e.type);
  return {
    call: `${distinct === '' ? 'd_sum' : 'd_sum_distinct'}(${e.sql}, ${e.type.scale}, ${targetArgument(type)})`,
    type,
    nullable: true,
  };
}

function sumType(type: SqlType): SqlType {
  if (isInteger(type)) return type.name === 'BIGINT' ? BIGINT : INTEGER;
  return decimal(digitsOf(type) > MAX_DIGITS ? 63 : MAX_DIGITS, type.scale);
}

function average(c: Call, distinct: string): Aggregate {
  const e = numeric(c.arg(0, decimal(15, 5)));
  if (!isExact(e.type)) return floating(c.name, e, distinct);
  const max = digitsOf(e.type) > MAX_DIGITS ? 63 : MAX_DIGITS;
  const type = isInteger(e.type) ? sumType(e.type) : decimal(max, max - e.type.length + e.type.scale);
  return {
    call: `${distinct === '' ? 'd_avg' : 'd_avg_distinct'}(${e.sql}, ${e.type.scale}, ${targetArgument(type)})`,
    type,
    nullable: true,
  };
}

function numeric(e: Typed): Typed {
  return isText(e.type) ? convert(e, DECFLOAT34) : e;
}

function floating(name: string, e: Typed, distinct: string): Aggregate {
  if (repOf(e.type) === 'decfloat')
    return { call: `df_${name.toLowerCase()}(${distinct}${e.sql})`, type: e.type, nullable: true };
  return { call: `${name}(${distinct}${e.sql})`, type: DOUBLE, nullable: true };
}

function extreme(c: Call): Aggregate {
  const e = c.arg(0);
  if (repOf(e.type) === 'decfloat') {
    return { call: `df_${c.name.toLowerCase()}(${e.sql})`, type: e.type, nullable: true };
  }
  return { call: `${c.name}(${e.sql})`, type: e.type, nullable: true };
}

function listAggregate(c: Call, distinct: string, body: Node): Aggregate {
  const e = convert(c.arg(0), varchar(4000));
  const separator = c.optional(1)?.sql ?? `''`;
  const order = list(body, 'within_group').map((o) => {
    const direction = get(o, 'options', 'asc') === false ? ' DESC' : '';
    return `${sortable(c.x.value(get(o, 'expr'), c.scope))}${direction}`;
  });
  if (distinct && order.length > 0) throw unsupported('LISTAGG(DISTINCT) WITHIN GROUP');
  const by = order.length > 0 ? ` ORDER BY ${order.join(', ')}` : '';
  const call = distinct ? `group_concat(DISTINCT ${e.sql})` : `group_concat(${e.sql}, ${separator}${by})`;
  return { call, type: varchar(4000), nullable: true };
}

function olapFunction(c: Call): Aggregate | null {
  switch (c.name) {
    case 'ROW_NUMBER':
    case 'RANK':
    case 'DENSE_RANK':
    case 'NTILE': {
      const inner = c.name === 'NTILE' ? c.arg(0, INTEGER).sql : '';
      return { call: `${c.name}(${inner})`, type: BIGINT, nullable: false };
    }
    case 'LAG':
    case 'LEAD': {
      const e = c.arg(0);
      const rest = c.args.length > 1 ? `, ${c.arg(1, INTEGER).sql}` : '';
      const last = c.args.length > 2 ? `, ${convert(c.arg(2, e.type), e.type).sql}` : '';
      return { call: `${c.name}(${e.sql}${rest}${last})`, type: e.type, nullable: true };
    }
    case 'FIRST_VALUE':
    case 'LAST_VALUE': {
      const e = c.arg(0);
      return { call: `${c.name}(${e.sql})`, type: e.type, nullable: true };
    }
    default:
      return null;
  }
}

function windowOf(c: Call, over: Node): string {
  const spec = get(over, 'WindowSpec');
  const partition = list(spec, 'partition_by').map((n) => sortable(c.x.value(n, c.scope)));
  const order = list(spec, 'order_by').map((o) => {
    const e = c.x.value(get(o, 'expr'), c.scope);
    const down = get(o, 'options', 'asc') === false;
    return `${sortable(e)}${down ? ' DESC NULLS FIRST' : ' NULLS LAST'}`;
  });
  const parts = [
    partition.length > 0 ? `PARTITION BY ${partition.join(', ')}` : '',
    order.length > 0 ? `ORDER BY ${order.join(', ')}` : '',
    frameOf(get(spec, 'window_frame')),
  ];
  return `(${parts.filter((p) => p !== '').join(' ')})`;
}

function frameOf(frame: Node): string {
  if (frame === null) return '';
  const units = String(get(frame, 'units')).toUpperCase();
  const [start, end] = [get(frame, 'start_bound'), get(frame, 'end_bound')];
  return end === null ? `${units} ${bound(start)}` : `${units} BETWEEN ${bound(start)} AND ${bound(end)}`;
}

function bound(node: Node): string {
  const [kind, body] = typeof node === 'string' ? [node, null] : (Object.entries(node ?? {})[0] ?? ['Preceding', null]);
  if (kind === 'CurrentRow') return 'CURRENT ROW';
  const side = String(kind).toUpperCase();
  if (body === null) return `UNBOUNDED ${side}`;
  const [, value] = variant(get(body as Node, 'Value', 'value'));
  return `${Number((value as readonly Node[])[0])} ${side}`;
}
