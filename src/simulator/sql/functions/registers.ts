/** Special registers: bound as named values when a statement opens, so that all uses in it agree. */
import { char, DATE, decimal, TIME, TIMESTAMP6, timestamp, varchar } from '../types/sql-type';
import { expression, type Typed } from '../types/typed';

/** The text after `CURRENT `, e.g. `TIMESTAMP` or `TIMESTAMP 12`. */
export function registerValue(name: string): Typed {
  const precise = /^TIMESTAMP (\d+)$/.exec(name);
  if (precise) return expression(`ts_scale(@now, ${precise[1]})`, timestamp(Number(precise[1])), false);
  switch (name) {
    case 'DATE':
      return expression('substr(@now, 1, 10)', DATE, false);
    case 'TIME':
      return expression('substr(@now, 12, 8)', TIME, false);
    case 'TIMEZONE':
      return expression('@zone', decimal(6, 0), false);
    case 'SERVER':
      return expression('@server', varchar(18), false);
    case 'USER':
    case 'SQLID':
      return expression('@user', varchar(18), false);
    case 'SCHEMA':
      return expression('@schema', varchar(128), false);
    case 'PATH':
      return expression(`'"QSYS","QSYS2","SYSPROC","SYSIBMADM"'`, varchar(3483), false);
    case 'CLIENT_ACCTNG':
    case 'CLIENT_APPLNAME':
    case 'CLIENT_PROGRAMID':
    case 'CLIENT_USERID':
    case 'CLIENT_WRKSTNNAME':
      return expression(`''`, varchar(255), false);
    case 'DEGREE':
      return expression(`'1'`, char(5), false);
    default:
      return expression('@now', TIMESTAMP6, false);
  }
}
