/** `sql`: one statement through the configured transport, rows as JSON lines in the value forms of `decode`. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { CodedError } from '../../../errors/coded-error';
import { shortestReal } from '../../../record/write/write-numbers';
import type { ColumnDescriptor, ResultSet, SqlValue } from '../../../transport/transport';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface SqlOptions {
  readonly binary: 'base64' | 'hex';
  readonly keepBlanks?: boolean;
}

export function register(program: Command, io: CliIo): void {
  // both options fill the same markers, in the order they were written
  const params: SqlValue[] = [];
  program
    .command('sql')
    .description('run one statement through the configured transport; rows come as JSON lines')
    .argument('<statement>', 'SQL text, or @FILE')
    .option('-p, --param <value>', 'value of the next ? marker; repeat for more', (v) => params.push(v))
    .option('--param-hex <hex>', 'bytes of the next ? marker, for BINARY, BLOB and FOR BIT DATA', (v) =>
      params.push(bytesOf(v)),
    )
    .option('--binary <form>', 'base64 or hex', 'base64')
    .option('--keep-blanks', 'keep trailing blanks of text')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc sql "SELECT * FROM ORDLIB.ORDHDR WHERE ORDNO = ?" -p 100245
  ibmi-cdc sql "SELECT * FROM ORDLIB.TOKENS WHERE TOKEN = ?" --param-hex C1C2C3
  ibmi-cdc sql "CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)')"

Statements that return no rows print {"rowsAffected":n}; a CALL prints the rows of its first result set.`,
    )
    .action(async (text: string, options: SqlOptions, command: Command) => {
      const sql = text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text;
      const { traceWire } = command.optsWithGlobals<GlobalOptions>();
      if (options.binary !== 'base64' && options.binary !== 'hex') {
        throw new CodedError({
          code: 'USAGE',
          message: `--binary is ${String(options.binary)}; expected base64 or hex`,
        });
      }
      await using connection = await transportOf(
        loadCommandConfig(io, command.optsWithGlobals<GlobalOptions>(), 'require'),
        { traceWire },
      ).connect({ role: 'sql' });
      await using statement = await connection.prepare(sql.trim().replace(/;$/, ''));
      if (statement.columns || /^\s*(SELECT|WITH|VALUES)\b/i.test(sql)) {
        await printRows(io, await statement.query(params), options);
        return;
      }
      const { rowsAffected, resultSets = 0 } = await statement.execute(params);
      if (resultSets > 0 && statement.results) await printRows(io, await statement.results(), options);
      else io.stdout.write(`${JSON.stringify({ rowsAffected })}\n`);
    });
}

function bytesOf(hex: string): Buffer {
  if (/^(?:[0-9a-f]{2})*$/i.test(hex)) return Buffer.from(hex, 'hex');
  throw new CodedError({
    code: 'USAGE',
    message: '--param-hex takes pairs of hexadecimal digits',
    next: 'write two digits a byte, for example --param-hex C1C2C3',
  });
}

async function printRows(io: CliIo, result: ResultSet, options: SqlOptions): Promise<void> {
  await using rows = result;
  const names = uniqueNames(rows.columns);
  for await (const block of rows.blocks()) {
    let text = '';
    for (const row of block) {
      const fields = row.map((value, i) => `${names[i]}:${JSON.stringify(form(value, rows.columns[i]!, options))}`);
      text += `{${fields.join(',')}}\n`;
    }
    if (!io.stdout.write(text)) await new Promise((resolve) => io.stdout.once('drain', resolve));
  }
}

/** JSON keys; a name that comes again gets its position, so that no value hides another. */
function uniqueNames(columns: readonly ColumnDescriptor[]): string[] {
  const seen = new Set<string>();
  return columns.map(({ name }, i) => {
    const unique = seen.has(name) ? `${name}_${i + 1}` : name;
    seen.add(unique);
    return JSON.stringify(unique);
  });
}

function form(value: SqlValue, column: ColumnDescriptor, options: SqlOptions): string | number | boolean | null {
  if (value instanceof Uint8Array) return Buffer.from(value).toString(options.binary);
  if (typeof value === 'string' && !options.keepBlanks && isText(column)) return value.replace(blanks(column), '');
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'number' && column.type === 'REAL') return shortestReal(Math.fround(value));
  return value;
}

/** Double-byte pages have an ideographic blank of their own; in every other text it is a character. */
function blanks(column: ColumnDescriptor): RegExp {
  const wide =
    ['GRAPHIC', 'VARGRAPHIC', 'DBCLOB'].includes(column.type) && column.ccsid !== 1200 && column.ccsid !== 13488;
  return wide ? /[ \u3000]+$/ : / +$/;
}

function isText(column: ColumnDescriptor): boolean {
  return ['CHAR', 'VARCHAR', 'GRAPHIC', 'VARGRAPHIC', 'CLOB', 'DBCLOB'].includes(column.type);
}
