/** `token`: tokens of the HTTP API, each with a name and a role; shown once, kept as a hash. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { recorded } from '../../../operate/acting/acting';
import { createdText, createToken, listTokens, revokeToken, tokenText } from '../../../operate/acting/tokens';
import { openStateFile } from '../../../operate/state-file';
import { osUser } from '../../../operators/os-user';
import { ROLES, type Role } from '../../../operators/role';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

interface CreateOptions extends GlobalOptions {
  readonly name: string;
  readonly role: Role;
  readonly days?: number;
}

export function register(program: Command, io: CliIo): void {
  const token = program
    .command('token')
    .description('tokens of the HTTP API: create, list, revoke')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc token create --name grafana --role viewer
  ibmi-cdc token create --name ci --role operator --days 90
  ibmi-cdc token revoke grafana

A viewer reads; an operator also retries, replays, pauses and resumes; an admin also has tokens and the ages of secrets. A token is
shown once, on standard output; the state file has its hash. A running daemon knows it at once, and a revoked one no more.`,
    );
  token
    .command('create')
    .description('make a token and show it, this once')
    .requiredOption('--name <name>', "what it is for; stands in the operators' log", tokenName)
    .addOption(new Option('--role <role>', 'what it allows').choices(ROLES).makeOptionMandatory())
    .option('--days <n>', 'days until it ends; without end if left out', days)
    .action(async (_o: unknown, command: Command) => {
      const options = command.optsWithGlobals<CreateOptions>();
      using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
      const { name, role } = options;
      const action = { what: 'token.create', scope: { name, role, days: options.days } };
      const made = await recorded(state, osUser(), action, () => createToken(state, options, Date.now()));
      print(io, options, made, createdText);
    });
  token
    .command('list')
    .description('names, roles and times, never the tokens')
    .action((_o: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
      const tokens = listTokens(state);
      for (const one of tokens) print(io, options, one, tokenText);
      if (tokens.length === 0 && !options.json) io.stdout.write('no tokens\n');
    });
  token
    .command('revoke')
    .description('end a token at once')
    .argument('<name>', 'its name')
    .action(async (name: string, _o: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
      const action = { what: 'token.revoke', scope: { name } };
      const done = await recorded(state, osUser(), action, () => revokeToken(state, name));
      print(io, options, done, ({ revoked }) => `token ${revoked} is revoked\n`);
    });
}

function tokenName(text: string): string {
  if (!/^[A-Za-z0-9][\w.@-]{0,59}$/.test(text))
    throw new InvalidArgumentError('expected up to 60 letters, digits, ".", "_", "@" and "-"');
  return text;
}

function days(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('expected a whole number of days');
  return Number(text);
}
