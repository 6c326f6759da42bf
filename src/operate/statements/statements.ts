/** `statements`: what is ever sent, and the shape of a statement that was. */
import { CALLS, type SentStatement, STATEMENTS } from './list';

interface StatementsReport {
  readonly statements: readonly SentStatement[];
  readonly calls: typeof CALLS;
  readonly notes: readonly string[];
}

export function statementsReport(): StatementsReport {
  return {
    statements: STATEMENTS,
    calls: CALLS,
    notes: [
      'a connection names itself: client application "ibmi-cdc WORD" (QSYS2.ACTIVE_JOB_INFO, CLIENT_APPLNAME), where WORD is what it works for',
      'values never stand in a statement, with two exceptions: names of files in a filter of DISPLAY_JOURNAL, and what you write yourself into --where',
      '`ibmi-cdc sql` sends what you give it; `demo` and `simulate` send to the simulated partition alone',
    ],
  };
}

/** Matches statements of a template's shape, blanks apart. */
export function shapeOf({ sql }: SentStatement): RegExp {
  const pattern = sql
    .split(/(<[a-z ]+>)/)
    .map((part) => (part.startsWith('<') ? (HOLES[part] ?? '.+') : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${pattern}$`);
}

const NAME = '"(?:[^"]|"")+"';

const HOLES: Readonly<Record<string, string>> = {
  '<table>': `${NAME}\\.${NAME}`,
  '<n>': '\\d+',
  '<markers>': '\\?(?:, \\?)*',
  '<marker>': 'CAST\\(\\? AS DECIMAL\\(21, 0\\)\\)',
  '<isolation>': '(?:WITH UR|WITH CS USE CURRENTLY COMMITTED)',
};

export function statementsText({ statements, calls, notes }: StatementsReport): string {
  const told = statements.map(
    ({ sql, purpose, by, only }) =>
      `${purpose}${only === undefined ? '' : ` (${only})`}\n  by ${by.join(', ')}\n  ${sql}\n`,
  );
  const called = calls.map(({ call, purpose }) => `${purpose}\n  ${call}\n`);
  return `${[...told, ...called].join('\n')}\n${notes.map((note) => `Note: ${note}.`).join('\n')}\n`;
}
