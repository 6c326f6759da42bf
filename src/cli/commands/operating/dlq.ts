/** `dlq`: dead letters, with their reason, response and attempts; queued again or dropped by an operator. */

import { type Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../../../errors/coded-error';
import { exactText } from '../../../model/exact-json';
import { recorded, viewed } from '../../../operate/acting/acting';
import {
  type Changed,
  checkChoice,
  dropLetters,
  type LetterWish,
  letterScope,
  letters,
  openLetters,
  retryLetters,
  wholeLetter,
} from '../../../operate/dlq/dlq';
import { changedText, LETTERS_HEAD, letterText } from '../../../operate/dlq/dlq-text';
import { withEventFilter } from '../../../operate/event-filter';
import { osUser } from '../../../operators/os-user';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';
import { isRemote, type RemoteOptions, withApi } from '../../remote/client';
import { remoteChange, remoteList, remoteShow } from '../../remote/dlq';

type DlqOptions = GlobalOptions & LetterWish & RemoteOptions & { readonly limit?: number };

export function register(program: Command, io: CliIo): void {
  const dlq = program
    .command('dlq')
    .description('dead letters: list, show, retry, drop')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc dlq list --destination crm --reason http-422
  ibmi-cdc dlq show 17 --json
  ibmi-cdc dlq retry --destination crm --since 2026-11-21T08:00:00Z
  ibmi-cdc dlq drop --letter 17 18`,
    );
  filtered(
    dlq.command('list').description('what was given up, oldest first; --since and --until look at the time of death'),
  )
    .option('--limit <n>', 'at most this many', number, 1000)
    .action((_o: unknown, command: Command) => list(io, command.optsWithGlobals<DlqOptions>()));
  withApi(dlq.command('show'))
    .description('one dead letter with its event and every attempt')
    .argument('<no>', 'number of the letter', number)
    .action((no: number, _o: unknown, command: Command) => show(io, no, command.optsWithGlobals<DlqOptions>()));
  filtered(dlq.command('retry').description('queue letters again, in order; a running daemon takes them up at once'))
    .option('--all', 'every letter; needed when nothing else is chosen')
    .action((_o: unknown, command: Command) => change(io, 'retry', command.optsWithGlobals<DlqOptions>()));
  filtered(dlq.command('drop').description('forget letters; their events will not be delivered'))
    .option('--all', 'every letter; needed when nothing else is chosen')
    .action((_o: unknown, command: Command) => change(io, 'drop', command.optsWithGlobals<DlqOptions>()));
}

function filtered(command: Command): Command {
  return withApi(withEventFilter(command))
    .option('--letter <n...>', 'numbers of letters', numbers)
    .option('--destination <name>', 'destination')
    .option('--reason <word>', 'reason, such as exhausted or http-422');
}

async function list(io: CliIo, options: DlqOptions): Promise<void> {
  if (isRemote(options)) return await remoteList(io, options, options.limit ?? 1000);
  const config = loadCommandConfig(io, options, 'tolerate');
  using state = openLetters(config, options);
  let shown = 0;
  for (const letter of letters(config, state, options, options.limit ?? 1000)) {
    if (shown++ === 0 && !options.json) io.stdout.write(LETTERS_HEAD);
    print(io, options, letter, letterText);
  }
  if (shown === 0 && !options.json) io.stdout.write('no dead letters\n');
}

/** JSON for people, too: a letter has members of any depth. */
async function show(io: CliIo, no: number, options: DlqOptions): Promise<void> {
  if (isRemote(options)) return await remoteShow(io, no, options);
  using state = openLetters(loadCommandConfig(io, options, 'tolerate'), options);
  const whole = await viewed(state, osUser(), { letter: no }, () => wholeLetter(state, no));
  print(io, options, whole, (letter) => `${exactText(letter, 2)}\n`);
}

async function change(io: CliIo, what: 'retry' | 'drop', options: DlqOptions): Promise<void> {
  checkChoice(what, options);
  if (isRemote(options)) return await remoteChange(io, what, options);
  const config = loadCommandConfig(io, options, 'tolerate');
  using state = openLetters(config, options);
  const work = what === 'retry' ? retryLetters : dropLetters;
  const done = await recorded<Changed>(
    state,
    osUser(),
    { what: `dead-letters.${what}`, scope: letterScope(options) },
    () => work(config, state, options),
  );
  print(io, options, done, changedText);
  if (Object.values(done)[0] === 0) io.exit(EXIT.findings);
}

function number(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a number');
  return Number(text);
}

function numbers(text: string, before: number[] = []): number[] {
  return [...before, number(text)];
}
