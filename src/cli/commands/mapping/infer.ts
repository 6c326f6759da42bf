/** `infer`: the mapping of tables proposed from their catalog and a sample of their rows. */
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { readLibrary } from '../../../catalog/words';
import { CodedError } from '../../../errors/coded-error';
import { inferTables } from '../../../infer/infer';
import type { TableProposal } from '../../../infer/model';
import { summaryLines } from '../../../infer/summary';
import { proposalYaml } from '../../../infer/yaml';
import { counted } from '../../../model/counted';
import { foldIdentifier } from '../../../model/identifiers';
import { parseName, type QualifiedName } from '../../../model/position';
import type { SqlConnection } from '../../../transport/transport';
import { writeFirstTests } from '../../first-tests';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { collect } from './catalogue';

interface InferCommandOptions extends GlobalOptions {
  readonly table: readonly string[];
  readonly library?: string;
  readonly rows: string;
  readonly test?: string;
}

/** Most rows looked at in a table. */
const MOST_ROWS = 100_000;

export function register(program: Command, io: CliIo): void {
  program
    .command('infer')
    .description('propose the mapping of tables from their catalog and a sample of their rows')
    .option('--table <LIB/FILE>', 'this table (repeatable)', collect, [])
    .option('--library <LIB>', 'every physical file and table of a library, a summary first')
    .option('--rows <n>', 'rows looked at in each table', '1000')
    .option('--test <file>', 'write a first file of tests of the mappings, and the record formats they need beside it')
    .addHelpText(
      'after',
      `
The configuration needs a partition and a destination, and no table yet. Prints YAML to paste below \`tables:\`. Each guess has its evidence as a comment; nothing is claimed that fewer than 95 % of
the values bear out. Masks, transitions and parents are comments: they are for you to decide.

Examples:
  ibmi-cdc infer --table ORDLIB/ORDHDR --table ORDLIB/ORDLIN
  ibmi-cdc infer --library ORDLIB --rows 200 > tables.yaml
  ibmi-cdc infer --table ORDLIB/ORDHDR --test orders.test.yaml > tables.yaml
  ibmi-cdc infer --table ORDLIB/CUSMAS --json`,
    )
    .action(async (_, command: Command) => {
      const options = command.optsWithGlobals<InferCommandOptions>();
      const rows = rowsOf(options.rows);
      if (options.table.length === 0 && options.library === undefined)
        throw usage('neither --table nor --library is given', 'ibmi-cdc infer --table LIB/FILE');
      const config = loadCommandConfig(io, options, 'require', 'optional');
      await using connection = await transportOf(config, { traceWire: options.traceWire }).connect({ role: 'infer' });
      const tables = await tablesOf(connection, options);
      const onTable = (done: number, all: number): void => {
        if (all >= 10 && (done % 10 === 0 || done === all)) io.stderr.write(`${done} of ${counted(all, 'table')}\n`);
      };
      const { proposals, facts, words } = await inferTables(connection, tables, { rows, onTable });
      if (options.test !== undefined) {
        const [file, ...formats] = await writeFirstTests(options.test, proposals, facts, words);
        io.stderr.write(`wrote ${file} and ${counted(formats.length, 'record format')}; next: ibmi-cdc test ${file}\n`);
      }
      print(io, proposals, options);
    });
}

function print(io: CliIo, proposals: readonly TableProposal[], options: InferCommandOptions): void {
  if (options.json) {
    for (const proposal of proposals) io.stdout.write(`${JSON.stringify(proposal)}\n`);
    return;
  }
  if (options.library !== undefined) io.stdout.write(summaryLines(proposals));
  for (const proposal of proposals) io.stdout.write(proposalYaml(proposal));
}

async function tablesOf(connection: SqlConnection, options: InferCommandOptions): Promise<QualifiedName[]> {
  const named = options.table.map((text) => {
    const name = parseName(text);
    if (!name) throw usage(`--table: saw "${text}", expected LIB/FILE`, 'ibmi-cdc infer --table ORDLIB/ORDHDR');
    return name;
  });
  if (options.library === undefined) return named;
  const library = foldIdentifier(options.library.trim());
  const found = await readLibrary(connection, library);
  if (found.length === 0)
    throw new CodedError({
      code: 'INFER_LIBRARY',
      message: `no physical file or table is visible in library ${library}`,
      next: `look whether it exists and what this profile may see: DSPOBJD OBJ(${library}/*ALL) OBJTYPE(*FILE)`,
      facts: { library },
    });
  return [...named, ...found];
}

function rowsOf(text: string): number {
  const rows = Number(text);
  if (/^\d{1,6}$/.test(text) && rows >= 1 && rows <= MOST_ROWS) return rows;
  throw usage(`--rows: saw "${text}", expected a whole number from 1 to ${MOST_ROWS}`, 'ibmi-cdc infer --help');
}

function usage(message: string, next: string): CodedError {
  return new CodedError({ code: 'USAGE', message, next });
}
