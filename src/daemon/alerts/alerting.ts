/** The alerts of a daemon: what it knows of itself, looked at and told. */
import { type Alert, AlertBook } from '../../alerts/alert-book';
import { Alerter } from '../../alerts/alerter';
import type { AlertFacts, DestinationFacts, TableAlertFacts } from '../../alerts/conditions';
import { type Counted, Happenings } from '../../alerts/happenings';
import { Rates } from '../../alerts/rates';
import { sinkOf } from '../../alerts/sinks/create';
import { alertOptions } from '../../assembly/alert-options';
import type { JournalCapture } from '../../capture/capture';
import type { WindowCapture } from '../../capture/rows/window-capture';
import type { Config, DestinationConfig } from '../../config/config';
import type { CredentialWatch } from '../../config/credential-watch';
import type { Dispatcher } from '../../deliver/dispatcher';
import { scheduleSpan } from '../../deliver/options';
import { DisabledTable } from '../../deliver/standing/disabled-table';
import { gapMending, gapText } from '../../journal/position/gap-advice';
import { GapTable } from '../../journal/position/gap-table';
import { formatName } from '../../model/position';
import type { ShownCertificates } from '../../model/watching/shown-certificates';
import type { Outbox } from '../../outbox/outbox';
import type { DiskRoom } from '../../store/disk-room';
import type { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import type { Metrics } from '../../telemetry/metrics';
import { hoursToLoss } from '../standing';
import type { Lags } from './lags';

interface AlertingParts {
  readonly config: Config;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly captures: readonly JournalCapture[];
  readonly windows: readonly WindowCapture[];
  readonly credentials: Pick<CredentialWatch, 'stale'>;
  readonly room: DiskRoom;
  readonly lags: Lags;
  readonly certificates: ShownCertificates;
  /** Days until the password of the profile expires, as of the last sign-on; null where that is not known. */
  readonly passwordDays: () => number | null;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Notices that many rows are gone. */
const GONE = new Set(['table.mass-delete', 'table.cleared', 'table.truncated']);

export class Alerting {
  private readonly happenings = new Happenings();
  private readonly rates: Rates;
  private readonly disabled: DisabledTable;
  private readonly gaps: GapTable;

  constructor(private readonly parts: AlertingParts) {
    this.rates = new Rates(parts.store);
    this.disabled = new DisabledTable(parts.store);
    this.gaps = new GapTable(parts.store);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { config, store, room, metrics, log } = this.parts;
    await new Alerter({
      options: alertOptions(config),
      partition: config.partition.name,
      book: new AlertBook(store),
      facts: (now) => this.facts(now),
      sinkOf,
      sent: (sink, accepted) => metrics.alertMessages.inc({ sink, outcome: accepted ? 'accepted' : 'failed' }),
      raised: (alerts) => this.show(alerts),
      lost: (error) => room.met(error),
      log,
    }).run(signal);
  }

  private show(alerts: readonly Alert[]): void {
    const { alertsRaised } = this.parts.metrics;
    alertsRaised.reset();
    for (const { rule, severity } of alerts) alertsRaised.inc({ rule, severity });
  }

  private async facts(now: number): Promise<AlertFacts> {
    const { config, credentials, certificates, room } = this.parts;
    const days = this.parts.passwordDays();
    const destinations = this.destinations(now);
    const lagOf = new Map(destinations.map(({ destination, lagMs }) => [destination, lagMs ?? 0]));
    return {
      now,
      journals: this.journals(now),
      windows: this.windows(now),
      destinations,
      tables: this.tables(lagOf),
      happened: this.happenings.note(await this.counted(), now),
      diskFullSince: room.fullSince,
      credentials: credentials.stale(),
      password: days === null ? null : { user: config.partition.user, days },
      certificates: certificates.list(),
      differences: await this.differences(),
      rates: this.rates.note(await totals(this.parts.metrics), now),
    };
  }

  private journals(now: number): AlertFacts['journals'] {
    return this.parts.captures.map((capture) => {
      const { journal, provedAt, trouble } = capture.state();
      return {
        journal: formatName(journal),
        stillMs: provedAt === null ? null : Math.max(0, now - provedAt),
        trouble,
        hoursToLoss: hoursToLoss(capture, now),
      };
    });
  }

  private windows(now: number): AlertFacts['windows'] {
    return this.parts.windows.map((window) => {
      const { table, lookedAt, everyMs, trouble } = window.state();
      return {
        table: formatName(table),
        overdueMs: lookedAt === null ? 0 : Math.max(0, now - lookedAt - 2 * everyMs),
        trouble,
      };
    });
  }

  private destinations(now: number): DestinationFacts[] {
    const { config, outbox, dispatcher, lags } = this.parts;
    const disabled = new Map(this.disabled.list().map((d) => [d.destination, d]));
    const standing = dispatcher.standing();
    return Object.values(config.destinations).map((destination) => {
      const { name, maxLag } = destination;
      const { failing = null, denied = null } = standing[name] ?? {};
      return {
        destination: name,
        ...{ failing, denied, maxLag },
        disabled: disabled.get(name) ?? null,
        schedule: spanOf(destination),
        lagMs: lags.of(name, outbox, now),
        deadLetters: outbox.history.deadLetters(name),
      };
    });
  }

  private tables(lagOf: ReadonlyMap<string, number>): TableAlertFacts[] {
    const { config, outbox } = this.parts;
    const paused = new Map(outbox.holds.list().map((hold) => [hold.table, hold]));
    const gaps = new Map(this.gaps.list().map((gap) => [gap.table, gap]));
    return config.tables.map(({ table, maxLag, rules }) => {
      const name = formatName(table);
      const hold = paused.get(name);
      const gap = gaps.get(name);
      const lags = rules.flatMap(({ to }) => to).map((destination) => lagOf.get(destination) ?? 0);
      return {
        table: name,
        paused: hold ? { since: hold.heldAt, reason: hold.reason } : null,
        gap: gap ? { detail: gapText(gap), next: gapMending(gap).join('; then ') } : null,
        lagMs: Math.max(0, ...lags),
        maxLag,
      };
    });
  }

  private async counted(): Promise<Counted[]> {
    const { changesQuarantined, decodeErrors, schemaChanges, notices } = this.parts.metrics;
    const all: Counted[] = [];
    for (const { value: total, labels } of (await changesQuarantined.get()).values)
      all.push({ what: 'changes-quarantined', table: String(labels.table), of: String(labels.code), total });
    for (const { value: total, labels } of (await decodeErrors.get()).values)
      all.push({ what: 'decode-errors', table: String(labels.table), of: String(labels.column), total });
    for (const { value: total, labels } of (await schemaChanges.get()).values)
      all.push({ what: 'schema-changed', table: String(labels.table), of: '', total });
    for (const { value: total, labels } of (await notices.get()).values)
      if (GONE.has(String(labels.kind)))
        all.push({ what: 'mass-delete', table: String(labels.table), of: String(labels.kind), total });
    return all;
  }

  private async differences(): Promise<AlertFacts['differences']> {
    const rows = new Map<string, number>();
    for (const { value, labels } of (await this.parts.metrics.reconcileDifferences.get()).values) {
      const table = String(labels.table);
      rows.set(table, (rows.get(table) ?? 0) + value);
    }
    return [...rows].map(([table, n]) => ({ table, rows: n }));
  }
}

async function totals({ eventsWritten }: Metrics): Promise<ReadonlyMap<string, number>> {
  return new Map((await eventsWritten.get()).values.map(({ value, labels }) => [String(labels.table), value]));
}

/** Null where events never become dead letters. */
function spanOf({ webhook, kafka }: DestinationConfig): number | null {
  const retry = webhook?.retry ?? kafka?.retry;
  return retry ? scheduleSpan(retry) : null;
}
