/** What is allowed and still worth a word: `validate` prints it, `validate --strict` ends with 5 for it. */
import type { FindingCode } from '../errors/codes/findings';
import type { RuleOptions } from '../map/options';
import { formatName } from '../model/position';
import { clearedFindings } from './checks/cleared';
import { fetchFindings } from './checks/parent-fetch';
import type { TablePaths } from './checks/table-paths';
import { windowFindings } from './checks/windows';
import type { Config, DestinationConfig, TableConfig } from './config';
import type { Finding } from './issue';
import { eachSecret } from './references';
import { topicFindings } from './topics';

type Path = readonly (string | number)[];

export function lint(config: Config, paths: readonly TablePaths[]): Finding[] {
  const findings: Finding[] = [];
  lintPartition(config, findings);
  for (const d of Object.values(config.destinations)) lintDestination(d, findings);
  const unsure: ImageNeed[] = [];
  for (const [i, table] of config.tables.entries()) {
    lintTable(table, paths[i]!, findings, unsure);
    for (const [r, rule] of table.rules.entries())
      findings.push(...fetchFindings(config, table, rule, paths[i]!.rules[r]!));
  }
  findings.push(...oneForEachCode(unsure));
  lintSecrets(config, findings);
  return [...findings, ...topicFindings(config)];
}

function lintPartition(config: Config, findings: Finding[]): void {
  const { tls } = config.partition;
  if (tls === 'off') {
    findings.push(
      warn(
        'CFG_LINT_CLEAR',
        ['partition', 'tls'],
        'TLS is off',
        'expected TLS: passwords and rows travel in the clear',
      ),
    );
  } else if (tls.fingerprint !== null && tls.ca !== null) {
    findings.push(
      warn(
        'CFG_LINT_PIN',
        ['partition', 'tls', 'ca'],
        'ca beside fingerprint',
        'expected one: the fingerprint replaces the CA check',
      ),
    );
  }
}

function lintDestination(d: DestinationConfig, findings: Finding[]): void {
  const path: Path = ['destinations', d.name, 'webhook'];
  if (!d.webhook) return;
  const { signing, url } = d.webhook;
  if (signing === 'none') {
    findings.push(
      warn(
        'CFG_LINT_UNSIGNED',
        [...path, 'signing'],
        '"none"',
        'expected a signature: anyone can post to this receiver',
      ),
    );
  } else if ('hmac' in signing && signing.hmac.algorithm === 'sha1') {
    const at = [...path, 'signing', 'hmac', 'algorithm'];
    findings.push(
      warn('CFG_LINT_SHA1', at, '"sha1"', 'expected sha256 or better; sha1 is for receivers that know nothing else'),
    );
  }
  if (/^http:\/\/(?!localhost|127\.|\[::1\])/.test(url)) {
    findings.push(warn('CFG_LINT_CLEAR', [...path, 'url'], 'http://', 'expected https:// outside this machine'));
  }
}

/** Before images that a rule needs and a journal may not hold. */
interface ImageNeed {
  readonly code: FindingCode;
  readonly path: Path;
  readonly table: string;
  readonly seen: string;
}

/** Only the partition knows what a journal holds: said once, with every table, and left to `plan`. */
function oneForEachCode(needs: readonly ImageNeed[]): Finding[] {
  return [...new Set(needs.map((n) => n.code))].map((code) => {
    const mine = needs.filter((n) => n.code === code);
    const seen = mine.length === 1 ? mine[0]!.seen : mine.map((n) => `${n.table}: ${n.seen}`).join('; ');
    const expected = 'expected before images: `plan` shows IMAGES(*BOTH) table by table, `images: both` says so here';
    return warn(code, mine[0]!.path, seen, expected);
  });
}

function lintTable(table: TableConfig, paths: TablePaths, findings: Finding[], unsure: ImageNeed[]): void {
  findings.push(...clearedFindings(table, paths));
  for (const [i, rule] of table.rules.entries()) {
    const path = paths.rules[i]!;
    if (table.capture !== 'journal') lintWindowRule(table, rule, path, findings);
    else if (table.images !== 'both') {
      const needs = imageNeeds(table, rule, path);
      if (table.images === null) unsure.push(...needs);
      else for (const n of needs) findings.push(warn(n.code, n.path, n.seen, AFTER_ONLY));
    }
  }
}

const AFTER_ONLY = 'expected before images: the journal holds after images only';

/** A journal with IMAGES(*AFTER) has no before image, and nothing of a deleted row but its record number. */
function imageNeeds(table: TableConfig, rule: RuleOptions, path: Path): ImageNeed[] {
  const needs: ImageNeed[] = [];
  const name = formatName(table.table);
  if (rule.onDelete.is !== 'ignore' && rule.actions.includes('delete')) {
    const used = deleteFields(table, rule);
    const seen = `a delete event using ${used.slice(0, 5).join(', ')}${used.length > 5 ? ', ...' : ''}`;
    if (used.length > 0) needs.push({ code: 'CFG_LINT_DELETE_IMAGE', path: [...path, 'onDelete'], table: name, seen });
  }
  const comparing = [
    ['whenChanged', rule.whenChanged !== null],
    ['transitions', rule.transitions.length > 0],
    ['payload', rule.payload.is === 'changed'],
    ['keyChange', rule.keyChange === 'deleteAndCreate'],
  ] as const;
  for (const [member, used] of comparing)
    if (used) needs.push({ code: 'CFG_LINT_BEFORE_IMAGE', path: [...path, member], table: name, seen: member });
  return needs;
}

/** Fields of a delete event that only a before image can fill: everything but the key is named. */
function deleteFields(table: TableConfig, rule: RuleOptions): string[] {
  const key = new Set(table.key ?? []);
  if (rule.payload.is === 'thin') return rule.payload.columns.filter((c) => !key.has(c));
  const selected = rule.include === '*' ? ['every column'] : rule.include.filter((c) => !key.has(c));
  return [...selected, ...Object.keys(rule.expressions)];
}

function lintWindowRule(table: TableConfig, rule: RuleOptions, path: Path, findings: Finding[]): void {
  if (table.capture === 'journal') return;
  if (rule.onDelete.is !== 'ignore' && table.capture.window.deletes === null) {
    const expected = 'expected capture.window.deletes: a window never sees a delete without the key compare';
    findings.push(warn('CFG_LINT_WINDOW_DELETE', [...path, 'onDelete'], rule.onDelete.is, expected));
  }
  findings.push(...windowFindings(table, rule, path));
}

function lintSecrets(config: Config, findings: Finding[]): void {
  const places: readonly [unknown, Path][] = [
    [config.partition, ['partition']],
    [config.destinations, ['destinations']],
    [config.encryption, ['encryption']],
  ];
  for (const [value, base] of places) {
    eachSecret(
      value,
      (secret, path) => {
        // headers are mostly public; a secret one is still better off as a reference, but is not worth a finding
        if (!secret.literal || path.includes('headers')) return;
        const expected = 'expected a reference such as ${env:NAME} or ${file:path}: this file is for version control';
        findings.push(warn('CFG_LINT_SECRET', path, '[secret]', expected));
      },
      base,
    );
  }
}

function warn(code: FindingCode, path: Path, seen: string, expected: string): Finding {
  return { severity: 'warning', code, path, at: 'value', seen, expected, suggestion: null };
}
