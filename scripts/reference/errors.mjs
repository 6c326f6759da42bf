// @ts-check
// docs/reference/errors.md out of src/errors.
import { head, table } from './text.mjs';

const FAMILIES = [
  ['config', 'The configuration, a flag or a secret is wrong: mend it and start again.'],
  ['signOn', 'The partition refused the user or password. Never tried again by itself.'],
  ['transport', 'Network, TLS, a dropped connection, a timeout: a new connection may work.'],
  ['host', 'The partition answered with an SQL or CPF message.'],
  ['protocol', 'Bytes that cannot be right: the connection is dropped.'],
  ['positionLost', 'What would be skipped by going on is for a person to decide.'],
  ['decode', 'A record image does not fit its record format, or a row cannot be mapped.'],
  ['delivery', 'A destination refused or failed; the events wait.'],
  ['store', 'The state file.'],
  ['findings', 'Finished, and found something.'],
  ['bug', 'A state that cannot be: a mistake of this program.'],
];

const INTRO = `Every error has a stable code: scripts and runbooks may match on it. The error itself names the file, table, profile or
position concerned and the exact next step; here is what the code means, what the product did, and the step in general.
With \`--json\` an error is one line on standard error: \`{"error":{"code","family","message","next","facts"}}\`. No error carries a
secret or a value of a row.`;

export function errorsPage({
  OWN_ERRORS,
  FIELD_ERRORS,
  FIELD_NEXT,
  CONFIG_FINDINGS,
  LINT_FINDINGS,
  CHECK_FINDINGS,
  REASONS,
  exitOf,
}) {
  const own = Object.entries(OWN_ERRORS);
  const families = FAMILIES.map(([family, what]) => [
    `[${family}](#family-${family.toLowerCase()})`,
    exitOf(family),
    what,
  ]);
  const sections = FAMILIES.map(([family, what]) => {
    const entries = own.filter(([, e]) => e.family === family).sort(([a], [b]) => (a < b ? -1 : 1));
    return `## Family ${family}\n\n${what} Exit code ${exitOf(family)}.\n\n${entries.map(entry).join('\n')}`;
  });
  return [
    head('Errors', 'src/errors/codes', INTRO),
    table(['family', 'exit', 'who must act'], families),
    ...sections,
    `## Field errors\n\n\`code\` of an entry of \`decodeErrors\`: one field could not be decoded. The row still goes out, and \`onError\` of the column decides what stands in the field's place. ${sentence(FIELD_NEXT)}\n\n${Object.entries(
      FIELD_ERRORS,
    )
      .map(([code, means]) => `### ${code}\n\n${sentence(means)}\n`)
      .join('\n')}`,
    words(
      'Findings of the configuration',
      'Errors: whichever command reads the file ends with exit code 2 and tells all of them.',
      CONFIG_FINDINGS,
    ),
    words(
      'Findings of `validate --strict`',
      'Warnings: allowed, and worth a word. `validate` prints them; with `--strict` it ends with 5.',
      LINT_FINDINGS,
    ),
    words(
      'Findings of `doctor` and `plan`',
      '`code` of a finding: the finding itself has the CL, SQL or YAML to type. `doctor` ends with 5 when there is one.',
      CHECK_FINDINGS,
    ),
    words(
      'Reasons of dead letters',
      '`reason` of `ibmi-cdc dlq list`, and label of `ibmi_cdc_dead_letters_total`.',
      REASONS,
    ),
  ].join('\n');
}

const entry = ([code, { level, area, means, next }]) =>
  `### ${code}\n\n${level ? `${level[0].toUpperCase()}${level.slice(1)}, ${area}. ` : ''}${sentence(means)}\n\n**Next:** ${sentence(next)}\n`;

const words = (title, text, list) => `## ${title}\n\n${text}\n\n${Object.entries(list).map(entry).join('\n')}`;

const sentence = (text) => {
  const begun = /^[a-z]+\b(?!=)/.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
  return /[.:]$/.test(begun) ? begun : `${begun}.`;
};
