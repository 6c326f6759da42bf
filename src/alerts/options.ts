/** What is configured of alerts, complete. Durations in milliseconds. */

import type { AlertRule, AlertSeverity } from '../model/watching/alert-rules';
import type { SecretText } from '../signatures/options';

export interface AlertRuleOptions {
  readonly after: number;
  readonly limit: number;
  readonly severity: AlertSeverity;
  /** Names of sinks. */
  readonly to: readonly string[];
  /** 0: never again. */
  readonly repeat: number;
}

export interface SinkOptions {
  readonly name: string;
  readonly atLeast: AlertSeverity;
  readonly slack: { readonly url: SecretText } | null;
  readonly teams: { readonly url: SecretText } | null;
  readonly email: EmailOptions | null;
  readonly pagerduty: { readonly routingKey: SecretText; readonly url: string } | null;
  readonly webhook: { readonly url: string; readonly secret: SecretText } | null;
  readonly command: { readonly run: readonly string[]; readonly timeout: number } | null;
}

export interface EmailOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'off';
  /** Absolute path. */
  readonly ca: string | null;
  readonly user: string | null;
  readonly password: SecretText | null;
  readonly from: string;
  readonly to: readonly string[];
}

export interface AlertOptions {
  readonly sinks: readonly SinkOptions[];
  /** Null: off. */
  readonly rules: Readonly<Record<AlertRule, AlertRuleOptions | null>>;
  readonly resolved: boolean;
  readonly every: number;
  readonly link: string | null;
}
