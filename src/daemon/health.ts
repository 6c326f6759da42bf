/** Is the daemon doing its work? Red when a position stops moving, and until it has moved or proved idle once. */

import type { JournalCapture } from '../capture/capture';
import type { WindowCapture } from '../capture/rows/window-capture';
import type { CredentialWatch } from '../config/credential-watch';
import type { Dispatcher } from '../deliver/dispatcher';
import type { FilterReport } from '../journal/position/checkpoint-table';
import { gapMending, gapText } from '../journal/position/gap-advice';
import type { GapTable } from '../journal/position/gap-table';
import { figuresOf } from '../journal/reader/filter-choice';
import { formatName } from '../model/position';
import type { Outbox } from '../outbox/outbox';
import type { Metrics } from '../telemetry/metrics';
import type { HealthCheck, HealthSource, HealthWarning } from './http-server';
import { hoursToLoss, standingWarnings } from './standing';

interface HealthParts {
  readonly captures: readonly JournalCapture[];
  readonly windows?: readonly WindowCapture[];
  readonly dispatcher: Dispatcher;
  readonly outbox: Outbox;
  /** Left out where no journal is read. */
  readonly gaps?: GapTable;
  readonly credentials?: Pick<CredentialWatch, 'stale'>;
  readonly metrics: Metrics;
  readonly room?: { readonly fullSince: number | null };
  readonly stalledAfterMs: number;
  readonly now?: () => number;
}

const FULL: HealthWarning = {
  name: 'state file',
  detail: 'its disk is full: reading stands still; next: make room, the daemon then goes on by itself',
};

const BREAKER = { closed: 0, 'half-open': 1, open: 2 };

export class Health implements HealthSource {
  /** The backlog is counted again no earlier than this, epoch milliseconds. */
  private countAgainAt = 0;

  constructor(private readonly parts: HealthParts) {}

  health(): readonly HealthCheck[] {
    return [...this.journals(), ...this.windows()];
  }

  private journals(): readonly HealthCheck[] {
    return this.parts.captures.map((capture) => {
      const { journal, provedAt, trouble } = capture.state();
      const name = `journal ${formatName(journal)}`;
      if (provedAt === null) return { name, ok: false, detail: trouble ?? 'nothing read yet' };
      const seconds = Math.round((this.now() - provedAt) / 1000);
      const ok = this.now() - provedAt <= this.parts.stalledAfterMs;
      return { name, ok, detail: `position moved or proved idle ${seconds} s ago${trouble ? `; ${trouble}` : ''}` };
    });
  }

  /** A window proves itself by looking; a rare one may be silent for as long as it pauses. */
  private windows(): readonly HealthCheck[] {
    return (this.parts.windows ?? []).map((window) => {
      const { table, lookedAt, everyMs, trouble } = window.state();
      const name = `window ${formatName(table)}`;
      if (lookedAt === null) return { name, ok: false, detail: trouble ?? 'not looked yet' };
      const age = this.now() - lookedAt;
      const ok = age <= this.parts.stalledAfterMs + everyMs;
      return { name, ok, detail: `looked ${Math.round(age / 1000)} s ago${trouble ? `; ${trouble}` : ''}` };
    });
  }

  ready(): readonly HealthCheck[] {
    const journals = this.parts.captures.map((capture) => {
      const { journal, connected, provedAt, trouble } = capture.state();
      return {
        name: `journal ${formatName(journal)}`,
        ok: connected && provedAt !== null,
        detail: connected ? 'connected' : (trouble ?? 'connecting'),
      };
    });
    const windows = (this.parts.windows ?? []).map((window) => {
      const { table, lookedAt, trouble } = window.state();
      const detail = trouble ?? (lookedAt === null ? 'first look under way' : 'looking');
      return { name: `window ${formatName(table)}`, ok: lookedAt !== null && trouble === null, detail };
    });
    const { room } = this.parts;
    const file = room && room.fullSince !== null ? [{ name: FULL.name, ok: false, detail: FULL.detail }] : [];
    return [...file, ...journals, ...windows];
  }

  /** Tables someone should look at; the daemon does its work without them. */
  warnings(): readonly HealthWarning[] {
    const paused = this.parts.outbox.holds.list().map(({ table, reason }) => ({
      name: `table ${table}`,
      detail: `paused by ${reason}; next: ibmi-cdc resume --table ${table}`,
    }));
    const unseen = (this.parts.gaps?.list() ?? []).map((gap) => ({
      name: `table ${gap.table}`,
      detail: `${gapText(gap)}; next: ${gapMending(gap).join('; then ')}`,
    }));
    const stale = (this.parts.credentials?.stale() ?? []).map(({ path, detail }) => ({
      name: `credential ${path}`,
      detail: `${detail}; the value before is used; next: correct the file or the program`,
    }));
    const { room } = this.parts;
    const full = room && room.fullSince !== null ? [FULL] : [];
    return [
      ...full,
      ...standingWarnings(this.parts.captures, this.now()),
      ...paused,
      ...unseen,
      ...stale,
      ...this.refusing(),
    ];
  }

  /** Destinations that do not accept what is sent, or asked not to be sent anything. */
  private refusing(): readonly HealthWarning[] {
    return Object.entries(this.parts.dispatcher.standing()).flatMap(([destination, { denied, failing, paced }]) => {
      const name = `destination ${destination}`;
      const warnings: HealthWarning[] = [];
      const trouble = denied ?? failing;
      if (trouble) {
        const what = denied ? 'refuses our credentials' : 'has accepted nothing';
        const detail = `${what} since ${iso(trouble.since)}: ${trouble.why}; next attempt ${iso(trouble.next)}`;
        warnings.push({ name, detail });
      }
      if (paced) warnings.push({ name, detail: `paced until ${iso(paced.until)}: ${paced.why}` });
      return warnings;
    });
  }

  /** Gauges are computed when someone looks. */
  refreshGauges(): void {
    const { metrics, captures, outbox } = this.parts;
    this.countBacklog();
    for (const [destination, { state, breaker }] of Object.entries(this.parts.dispatcher.status())) {
      metrics.disabled.set({ destination }, state === 'disabled' ? 1 : 0);
      metrics.breaker.set({ destination }, BREAKER[breaker]);
    }
    for (const [destination, { denied, paced, answers }] of Object.entries(this.parts.dispatcher.standing())) {
      metrics.denied.set({ destination }, denied ? 1 : 0);
      metrics.paced.set({ destination }, paced ? paced.pause / 1000 : 0);
      if (!answers) continue;
      metrics.answerP50.set({ destination }, answers.p50 / 1000);
      metrics.answerP95.set({ destination }, answers.p95 / 1000);
    }
    metrics.tableHeld.reset();
    for (const { table } of outbox.holds.list()) metrics.tableHeld.set({ table }, 1);
    metrics.tableGap.reset();
    for (const { table, kind } of this.parts.gaps?.list() ?? []) metrics.tableGap.set({ table, reason: kind }, 1);
    for (const window of this.parts.windows ?? []) {
      const { table, lookedAt } = window.state();
      if (lookedAt !== null) metrics.windowAge.set({ table: formatName(table) }, (this.now() - lookedAt) / 1000);
    }
    for (const capture of captures) {
      const { journal, provedAt, reader } = capture.state();
      const labels = { journal: formatName(journal) };
      if (provedAt !== null) metrics.positionAge.set(labels, (this.now() - provedAt) / 1000);
      if (reader?.quietCycle) metrics.quietCycle.set(labels, reader.quietCycle.seconds);
      else metrics.quietCycle.remove(labels);
      if (reader) this.countFilter(labels.journal, reader.filter);
      const outlook = capture.outlook();
      const read = capture.reading && reader?.read ? reader.chain.entriesAfter(reader.read) : null;
      // a reader that stands knows the journal as it was: the last look at the receivers knows more
      const lag = read ?? outlook?.behind ?? null;
      if (lag !== null) metrics.positionLag.set(labels, Number(lag));
      else metrics.positionLag.remove(labels);
      if (outlook) metrics.lagAge.set(labels, Math.max(0, this.now() - outlook.seenAt) / 1000);
      const hours = hoursToLoss(capture, this.now());
      // no danger is no value: a gauge that stays at its last number would cry wolf
      if (hours !== null) metrics.timeToDataLoss.set(labels, hours * 3600);
      else metrics.timeToDataLoss.remove(labels);
    }
  }

  private countFilter(journal: string, report: FilterReport): void {
    const { filterAtServer, readCost } = this.parts.metrics;
    filterAtServer.set({ journal }, report.place === 'server' ? 1 : 0);
    for (const place of ['client', 'server'] as const) {
      const figures = figuresOf(report[place]);
      if (figures) readCost.set({ journal, place }, figures.microsPerNumber);
    }
  }

  /** Millions of deliveries take a while to count, and delivery stands still meanwhile: at most a hundredth of the time. */
  private countBacklog(): void {
    const started = this.now();
    if (started < this.countAgainAt) return;
    for (const { destination, ready, parked, held } of this.parts.outbox.history.backlog()) {
      this.parts.metrics.backlog.set({ destination }, ready + parked + held);
    }
    const ended = this.now();
    this.countAgainAt = ended + 100 * (ended - started);
  }

  private now(): number {
    return (this.parts.now ?? Date.now)();
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
