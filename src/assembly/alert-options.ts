/** Alerts as configured, every rule with its defaults. */
import type { AlertOptions, AlertRuleOptions, SinkOptions } from '../alerts/options';
import type { Config } from '../config/config';
import { ALERT_RULE_NAMES, ALERT_RULES, type AlertRule } from '../model/watching/alert-rules';

export function alertOptions({ alerts }: Config): AlertOptions {
  const sinks: SinkOptions[] = Object.entries(alerts.sinks).map(([name, sink]) => ({ name, ...sink }));
  const everyone = sinks.map(({ name }) => name);
  const rules = Object.fromEntries(ALERT_RULE_NAMES.map((name) => [name, ruleOf(name, alerts, everyone)]));
  const { resolved, every, link } = alerts;
  return { sinks, rules: rules as AlertOptions['rules'], resolved, every, link };
}

function ruleOf(name: AlertRule, alerts: Config['alerts'], everyone: readonly string[]): AlertRuleOptions | null {
  const chosen = alerts.rules[name] ?? {};
  if (chosen === 'off') return null;
  const standard = ALERT_RULES[name];
  return {
    after: chosen.after ?? standard.after,
    limit: chosen.limit ?? standard.limit?.default ?? 0,
    severity: chosen.severity ?? standard.severity,
    to: chosen.to ?? everyone,
    repeat: chosen.repeat ?? alerts.repeat,
  };
}
