/** Alert rules, dashboard and service file: every metric they name is one of ours, judged by promtool and systemd. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { METRICS } from '../../src/telemetry/metric-list';
import { describeWithJudge } from '../support/judges';

const CONFIG = resolve(__dirname, '../../config');
const RULES = join(CONFIG, 'prometheus/alerts.yaml');
const PROMTOOL = '/usr/bin/promtool';
const ANALYZE = '/usr/bin/systemd-analyze';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook_url: string };
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

const rules = (): Rule[] =>
  (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const dashboard = (): Dashboard => JSON.parse(readFileSync(join(CONFIG, 'grafana/ibmi-cdc.json'), 'utf8')) as Dashboard;
const namesIn = (text: string): string[] =>
  (text.match(/ibmi_cdc_[a-z0-9_]+/g) ?? []).map((name) => name.replace(/_bucket$/, ''));

const known = new Set<string>(Object.values(METRICS).map(({ name }) => name));

test('rules and panels name metrics that there are', () => {
  const named = [...rules().map((r) => r.expr), ...dashboard().panels.flatMap((p) => p.targets.map((t) => t.expr))];
  expect(named.flatMap(namesIn).filter((name) => !known.has(name))).toEqual([]);
});

test('each metric that is worth an alert has one, which leads to its paragraph', () => {
  // the 95th percentile has its rule by the histogram
  const wanted = Object.values(METRICS).filter(({ alert, name }) => !/^none/.test(alert) && !/_p95_/.test(name));
  const alerted = new Set(rules().flatMap(({ expr }) => namesIn(expr)));
  expect(wanted.map(({ name }) => name).filter((name) => !alerted.has(name))).toEqual([]);
  const page = readFileSync(resolve(CONFIG, '../docs/reference/metrics.md'), 'utf8');
  const anchors = new Set([...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => `docs/reference/metrics.md#${name}`));
  expect(rules().filter(({ annotations }) => !anchors.has(annotations.runbook_url))).toEqual([]);
});

describeWithJudge('judged by Prometheus', { promtool: PROMTOOL }, () => {
  test('the rules are rules, and fire when they should', () => {
    expect(execFileSync(PROMTOOL, ['check', 'rules', RULES], { encoding: 'utf8' })).toMatch(/SUCCESS: \d+ rules found/);
    const told = execFileSync(PROMTOOL, ['test', 'rules', 'alerts.test.yaml'], {
      cwd: join(CONFIG, 'prometheus'),
      encoding: 'utf8',
    });
    expect(told).toContain('SUCCESS');
  });

  test('the expressions of the dashboard are expressions', () => {
    const folder = mkdtempSync(join(tmpdir(), 'panels-'));
    try {
      const exprs = dashboard().panels.flatMap((panel) =>
        panel.targets.map(({ expr }) => expr.replaceAll('$job', '.*')),
      );
      const group = { name: 'panels', rules: exprs.map((expr, i) => ({ record: `panel:${i}`, expr })) };
      const file = join(folder, 'panels.yaml');
      writeFileSync(file, stringify({ groups: [group] }));
      const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'rules', file], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`${exprs.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeWithJudge('judged by systemd', { 'systemd-analyze': ANALYZE }, () => {
  test('the service is hardened', () => {
    const unit = join(CONFIG, 'systemd/ibmi-cdc.service');
    const told = spawnSync(ANALYZE, ['security', '--offline=true', '--no-pager', unit], { encoding: 'utf8' });
    const level = /Overall exposure level for ibmi-cdc\.service: ([\d.]+)/.exec(told.stdout);
    expect(Number(level?.[1])).toBeLessThan(2);
    expect(spawnSync(ANALYZE, ['verify', unit], { encoding: 'utf8' }).stderr).not.toMatch(
      /Unknown|Failed to parse|Invalid/,
    );
  });
});
