/** The configuration a command was given, with the checks of the mapping stage. */
import type { Config } from '../config/config';
import { type LoadOptions, loadConfig } from '../config/load';
import { checkMapping } from '../map/plan/check';
import type { CliIo, GlobalOptions } from './io';

/**
 * @param references `tolerate` for commands that work offline: a secret that is not there is then a warning
 * @param tables `optional` for commands that ask the partition which tables there are
 * @throws CodedError family config, listing every error of the file
 */
export function loadCommandConfig(
  io: CliIo,
  options: GlobalOptions,
  references: LoadOptions['references'],
  tables: LoadOptions['tables'] = 'require',
): Config {
  return loadConfig(options.config, { ...configOptions(io, options, references), tables });
}

export function configOptions(
  io: CliIo,
  { profile }: Pick<GlobalOptions, 'profile'>,
  references: LoadOptions['references'],
): LoadOptions {
  return { env: io.env, profile, references: references ?? 'require', checkMapping };
}
