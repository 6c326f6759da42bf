/** `test`: unit tests of a mapping, without the partition. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../../config/config';
import { CodedError, EXIT } from '../../../errors/coded-error';
import { fixedClock, zoneClock } from '../../../map/event/clock';
import type { TestResult } from '../../../mapping-test/model';
import { readTests } from '../../../mapping-test/read';
import { runTest, type TestBench } from '../../../mapping-test/run';
import { counted } from '../../../model/counted';
import { formatName, ordinaryTable } from '../../../model/position';
import { knownShapes } from '../../../operate/shapes/known-shapes';
import { formatsOfState } from '../../../operate/shapes/state-formats';
import { shapeOfValue, shapesFromFiles, type TableShapes } from '../../../operate/shapes/table-shapes';
import { visible } from '../../../telemetry/visible';
import { version } from '../../../version';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { collect } from './catalogue';

interface TestOptions extends GlobalOptions {
  readonly format: readonly string[];
  readonly formats?: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('test')
    .description('run the tests of the mapping: rows or record images in, events out, no partition needed')
    .argument('[files...]', 'files of tests; *.test.yaml beside the configuration if left out')
    .option('--format <file>', 'record formats as JSON (repeatable)', collect, [])
    .option(
      '--formats <dir>',
      'folder of formats, as written by plan --formats; `formats` beside the configuration if there',
    )
    .addHelpText(
      'after',
      `
Record formats come from \`format:\` of a test, --format, the folder of formats, the state file, in this order.
Exit code 5 when a test fails.

Examples:
  ibmi-cdc plan --formats formats     # once, with the partition in reach
  ibmi-cdc test
  ibmi-cdc test orders.test.yaml --json`,
    )
    .action(async (files: readonly string[], _, command: Command) => {
      const options = command.optsWithGlobals<TestOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      const found = files.length > 0 ? files : besides(config.file);
      const bench = benchOf(config, options);
      const results: TestResult[] = [];
      for (const test of found.flatMap(readTests)) {
        const result = await runTest(test, bench);
        results.push(result);
        io.stdout.write(options.json ? `${JSON.stringify(result)}\n` : resultText(result));
      }
      const failed = results.filter((r) => !r.ok).length;
      if (!options.json)
        io.stdout.write(
          `${counted(results.length, 'test')}, ${failed === 0 ? 'all as expected' : `${failed} not as expected`}\n`,
        );
      if (failed > 0) io.exit(EXIT.findings);
    });
}

function besides(configFile: string): string[] {
  const folder = dirname(resolve(configFile));
  const names = readdirSync(folder).filter((name) => /\.test\.ya?ml$/.test(name));
  if (names.length > 0) return names.sort().map((name) => join(folder, name));
  throw new CodedError({
    code: 'TEST_NONE',
    message: `no file of tests: none is named, and none that ends in .test.yaml lies beside ${basename(configFile)}`,
    next: 'name a file, or write one: docs/testing.md has an example',
  });
}

function benchOf(config: Config, options: TestOptions): TestBench {
  const known = knownShapes(config, options);
  const state = lazily(() => formatsOfState(config));
  const { timeZone, name, ccsid } = config.partition;
  return {
    partition: name,
    product: version(),
    clock: timeZone ? zoneClock(timeZone) : fixedClock(0),
    ccsid,
    tables: config.tables,
    shapeOf: ({ format, file }, table) => {
      if (typeof format === 'string') return shapesFromFiles([resolve(dirname(file), format)])(table);
      if (format !== null) return shapeOfValue({ table: formatName(ordinaryTable(table)), ...format });
      return known(table) ?? state()(table);
    },
  };
}

function lazily(make: () => TableShapes): () => TableShapes {
  let made: TableShapes | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function resultText({ ok, name, file, line, differences }: TestResult): string {
  if (ok) return `ok    ${visible(name)}\n`;
  const lines = differences.map((d) => `      ${d.at}\n        expected ${d.expected}\n        saw      ${d.saw}\n`);
  return visible(`FAIL  ${name}  (${file}:${line})\n${lines.join('')}`);
}
