/** `validate`: the configuration checked offline. */
import type { Command } from 'commander';
import { formatIssue } from '../../../config/issue';
import { configJsonSchemaText } from '../../../config/json-schema';
import { checkConfig, type LoadResult } from '../../../config/load';
import { EXIT } from '../../../errors/coded-error';
import { counted } from '../../../model/counted';
import type { CliIo, GlobalOptions } from '../../io';
import { configOptions } from '../../load-config';

interface ValidateOptions extends GlobalOptions {
  readonly strict: boolean;
  readonly schema: boolean;
  readonly effective: boolean;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('validate')
    .description('Check the configuration offline: every error with file, line, path, value and expectation')
    .option('--strict', 'findings that are no errors end with exit code 5', false)
    .option('--schema', 'print the JSON Schema of the configuration and stop', false)
    .option(
      '--effective',
      'print the whole configuration as it is understood, defaults filled in, secrets hidden',
      false,
    )
    .addHelpText('after', '\nExample:\n  ibmi-cdc validate --strict -c ibmi-cdc.yaml')
    .action((_, command: Command) => {
      const options = command.optsWithGlobals<ValidateOptions>();
      if (options.schema) {
        io.stdout.write(configJsonSchemaText());
        return;
      }
      const result = checkConfig(options.config, configOptions(io, options, 'check'));
      if (options.effective && result.config) {
        io.stdout.write(`${JSON.stringify(result.config, hiddenUrls, 2)}\n`);
        return;
      }
      if (options.json) printJson(io, options.config, result);
      else printText(io, options.config, result);
      io.exit(exitCode(result, options.strict));
    });
}

/** Whoever knows the path of a webhook may post to it, and a proxy may have a password: origins only. */
function hiddenUrls(key: string, value: unknown): unknown {
  if (!['url', 'tokenUrl', 'proxy'].includes(key) || typeof value !== 'string' || !URL.canParse(value)) return value;
  const { origin, protocol, host } = new URL(value);
  const shown = origin === 'null' ? `${protocol}//${host}` : origin;
  return value.replace(/\/$/, '') === shown ? value : `${shown}/[hidden]`;
}

function exitCode(result: LoadResult, strict: boolean): number {
  if (!result.config) return EXIT.usage;
  return strict && result.issues.length > 0 ? EXIT.findings : EXIT.done;
}

function printJson(io: CliIo, file: string, result: LoadResult): void {
  const of = (severity: string) => result.issues.filter((i) => i.severity === severity);
  const report = { file, ok: result.config !== null, errors: of('error'), warnings: of('warning') };
  io.stdout.write(`${JSON.stringify(report)}\n`);
}

function printText(io: CliIo, file: string, result: LoadResult): void {
  for (const issue of result.issues) io.stdout.write(`${formatIssue(issue)}\n`);
  const errors = result.issues.filter((i) => i.severity === 'error').length;
  const warnings = result.issues.length - errors;
  const rules = result.config?.tables.reduce((n, t) => n + t.rules.length, 0) ?? 0;
  const summary = result.config
    ? `${file}: valid, ${counted(result.config.tables.length, 'table')}, ${counted(rules, 'rule')}, ${counted(warnings, 'warning')}`
    : `${file}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  io.stdout.write(`${summary}\n`);
}
