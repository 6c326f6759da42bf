// @ts-check
// docs/reference/commands.md out of the command tree.
import { head, table } from './text.mjs';

const INTRO = `\`ibmi-cdc --help\` lists the commands and \`ibmi-cdc COMMAND --help\` teaches each; this is the same, in one page. Results go to
standard output, logs and errors to standard error. Options that every command has stand first.`;

const CODES = [
  [0, 'done'],
  [1, 'a bug: report it'],
  [2, 'usage or configuration: mend it and start again'],
  [3, 'partition, destination or state file unreachable or refusing'],
  [4, 'position lost: a person must decide'],
  [5, 'finished, with findings'],
];

export function commandsPage(program, findingsOf) {
  return [
    head('Commands', 'the command tree in src/cli', INTRO),
    `## Exit codes\n\n${table(['code', 'meaning'], CODES)}`,
    `## Options of every command\n\n${options(program)}`,
    ...program.commands.map((command) => section(command, 'ibmi-cdc', 2, findingsOf)),
  ].join('\n');
}

function section(command, parent, depth, findingsOf) {
  const name = `${parent} ${command.name()}`;
  const found = findingsOf[command.name()];
  const parts = [
    `${'#'.repeat(depth)} ${depth === 2 ? command.name() : name}\n`,
    `${command.description()}\n`,
    `\`\`\`\n${parent} ${command.name()} ${command.usage()}\n\`\`\`\n`,
    args(command),
    options(command),
    after(command),
    depth === 2 && found ? `Exit code 5: ${found}.\n` : '',
    ...command.commands.map((child) => section(child, name, depth + 1, findingsOf)),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function args(command) {
  const list = command.registeredArguments;
  if (list.length === 0) return '';
  return table(
    ['argument', 'what it is'],
    list.map((a) => [
      `\`${a.name()}\`${a.required ? '' : ', may be left out'}${a.variadic ? ', several' : ''}`,
      a.description,
    ]),
  );
}

function options(command) {
  const list = command.options.filter((o) => !o.hidden);
  if (list.length === 0) return '';
  return table(
    ['option', 'what it does', 'default'],
    list.map((o) => [`\`${o.flags}\``, what(o), preset(o)]),
  );
}

function what({ description, argChoices, mandatory }) {
  const choices = argChoices ? ` (${argChoices.map((c) => `\`${c}\``).join(', ')})` : '';
  return `${description}${choices}${mandatory ? '; must be given' : ''}`;
}

function preset({ defaultValue, defaultValueDescription }) {
  if (defaultValue === undefined || defaultValue === false || defaultValue === null) return '';
  if (Array.isArray(defaultValue) && defaultValue.length === 0) return '';
  return `\`${defaultValueDescription ?? defaultValue}\``;
}

/** The text below the options: examples, and what else the command wants to say. */
function after(command) {
  let told = '';
  command.configureOutput({ writeOut: (text) => (told += text) });
  command.outputHelp();
  const text = told.slice(command.helpInformation().length).trim();
  return text === '' ? '' : `\`\`\`\n${text}\n\`\`\`\n`;
}
