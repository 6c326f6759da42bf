/** The first tests of mappings that `infer` proposes, with the record formats they need beside them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { hasLayout, type TableFacts } from '../catalog/table-facts';
import type { TableWords } from '../catalog/words';
import type { TableConfig } from '../config/config';
import { checkText } from '../config/load';
import { bug, CodedError } from '../errors/coded-error';
import type { TableProposal } from '../infer/model';
import { proposalYaml } from '../infer/yaml';
import { fixedClock } from '../map/event/clock';
import { firstTests } from '../mapping-test/first-tests';
import { formatName } from '../model/position';
import { shapesFromFiles } from '../operate/shapes/table-shapes';
import { writeFormats } from '../operate/shapes/write-formats';
import { version } from '../version';

/** What a configuration needs around its tables to be read; nothing of it shows in a test. */
const AROUND = `version: 1
partition: { name: TEST, host: none, user: none, password: none, tls: off }
state: none.sqlite
destinations: { out: { stdout: {} } }
tables:
`;

const HEAD = `# The first tests of these mappings: made-up rows, and the events the mapping makes of them now. Change what is expected to what
# the receivers need, add cases of your own, and run \`ibmi-cdc test\`. docs/testing.md says what a case may have.
`;

/**
 * Writes tests of every table with columns to `file`, and formats into the folder `formats` beside it.
 * @returns the files written
 * @throws CodedError `TEST_WRITE`, `FORMATS_WRITE`, family config
 */
export async function writeFirstTests(
  file: string,
  proposals: readonly TableProposal[],
  facts: readonly TableFacts[],
  words: ReadonlyMap<string, TableWords>,
): Promise<string[]> {
  const named = facts.filter(hasLayout).map((f) => ({ ...f, asked: f.file }));
  const formats = writeFormats(join(dirname(file), 'formats'), named, words);
  const formatOf = new Map(named.map((f, i) => [formatName(f.file), relative(dirname(file), formats[i]!)]));
  const shapeOf = shapesFromFiles(formats);
  const known = proposals.filter((p) => p.columns.length > 0 && formatOf.has(p.table));
  const tables = tablesOf(known, file);
  const clock = fixedClock(0);
  const bench = { partition: 'TEST', product: version(), clock, ccsid: null, tables };
  let text = HEAD;
  for (const [i, mapping] of tables.entries()) {
    const { table, columns } = known[i]!;
    const guessed = (one: (kind: string) => boolean): string[] =>
      columns.filter((c) => c.guesses.some((g) => one(g.kind))).map((c) => c.column);
    const telling = guessed(() => true);
    const blank = guessed((kind) => kind === 'blankNumeric');
    const wish = { mapping, format: formatOf.get(table)!, telling, blank };
    text += `\n# ${table}\n${await firstTests(wish, { ...bench, shapeOf: (_, of) => shapeOf(of) })}`;
  }
  write(file, text);
  return [file, ...formats];
}

function tablesOf(proposals: readonly TableProposal[], file: string): readonly TableConfig[] {
  if (proposals.length === 0) return [];
  const text = `${AROUND}${proposals.map(proposalYaml).join('')}`;
  const { config, issues } = checkText(text, file, file, { env: {}, references: 'tolerate' });
  if (config === null) throw bug(`the proposal is no configuration: ${issues.map((i) => i.expected).join('; ')}`);
  return config.tables;
}

/** Tests that people have changed are not written over. */
function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unwritable';
    throw new CodedError({
      code: 'TEST_WRITE',
      message: code === 'EEXIST' ? `${file} is already there; no test was written` : `cannot write ${file} (${code})`,
      next: 'name another file',
      facts: { file, code },
      cause,
    });
  }
}
