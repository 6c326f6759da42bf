/**
 * Several histories under one daemon, which is killed with SIGKILL again and again: while it starts, while it reads, inside
 * its transactions, in the middle of a delivery. Every life of the daemon gets a stretch of every history.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Bell } from '../support/bell';
import { CliProcess, cli, type Ended } from '../support/daemon-process';
import { Dice } from '../support/dice';
import { type CampaignPlaces, configuration } from './configuration';
import { type Death, drawLife, drawSettings, type Life, type Settings } from './life';
import { HistoryReceiver } from './receiver';
import { type Counts, countsOf } from './report';
import type { HistorySite } from './site';
import { Tale } from './tale';
import { type Verdict, verdictOf } from './verdict';

const SECRET = `whsec_${Buffer.from('histories, twenty-four b').toString('base64')}`;
const LIVES = 6;
const PATIENCE_MS = 40_000;
/** Where a failed campaign leaves its configuration, its state file and all that its daemons and commands have logged. */
const KEPT = process.env['HISTORIES_KEPT'] ?? join(tmpdir(), 'ibmi-cdc-histories-failed');
const WORK = /"msg":"(?:signed on|reading |record format read again|backfill (?:running|done))/;

export interface CampaignReport {
  /** The daemon ended by itself, stood still, or left something undone; the verdicts then tell how far it came. */
  readonly trouble: string | null;
  /** By seed. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
  /** Ids of events that arrived before their commit was asked for. */
  readonly early: readonly string[];
  /** Ids that came twice with different content. */
  readonly altered: readonly string[];
  /** Requests whose signature did not hold: why, headers and body. */
  readonly forged: readonly string[];
  readonly counts: Counts;
  /** Folder with all that was logged, and the state file, if anything is wrong. */
  readonly kept: string | null;
}

export async function runCampaign(site: HistorySite, seeds: readonly number[]): Promise<CampaignReport> {
  const dice = new Dice(seeds[0]!);
  const bell = new Bell();
  await using receiver = await HistoryReceiver.open(SECRET, dice, bell);
  const tales = seeds.map((seed) => new Tale(seed, site.library(`H${seed}`), receiver));
  await Promise.all(tales.map((tale) => tale.partition.prepare(tale.player.history.tables)));
  await using campaign = new Campaign(site, tales, receiver, dice, bell);
  return await campaign.run();
}

/** The part of `status --json` that says whether anything is left. */
interface Status {
  readonly journals: readonly { readonly openCycles: number }[];
  readonly destinations: readonly Readonly<Record<'pending' | 'held' | 'deadLetters', number>>[];
}

class Campaign implements AsyncDisposable {
  private readonly folder: string;
  private readonly file: string;
  private readonly places: CampaignPlaces;
  private daemon: CliProcess | null = null;
  private kills = 0;
  private backfillsAsked = 0;
  /** Steps of all histories. */
  private played = 0;
  /** What daemons did that need not end in a request: starts, layouts read again, backfills. */
  private works = 0;
  private readonly early: string[] = [];
  /** What daemons that were killed had logged as errors. */
  private readonly complaints: string[] = [];
  /** Every daemon and every command, for whoever has to find out what went wrong. */
  private readonly processes: { readonly what: string; readonly process: CliProcess }[] = [];
  /** Commands that run beside the daemon: backfills go when it goes, releases are waited for. */
  private readonly backfills = new Set<CliProcess>();
  private readonly releases = new Map<string, Promise<void>>();

  constructor(
    private readonly site: HistorySite,
    private readonly tales: readonly Tale[],
    private readonly receiver: HistoryReceiver,
    private readonly dice: Dice,
    private readonly bell: Bell,
  ) {
    const tables = tales.flatMap(({ partition: { library }, player }) =>
      player.history.tables.map((table) => ({ library, table })),
    );
    this.places = { partition: site.partition, receiverUrl: receiver.url, tables };
    this.folder = join(site.folder, tales[0]!.partition.library);
    this.file = join(this.folder, 'ibmi-cdc.yaml');
    mkdirSync(this.folder);
    for (const { partition } of tales) partition.backfill = (table) => this.backfill(`${partition.library}/${table}`);
    const byLibrary = new Map(tales.map((t) => [t.partition.library, t]));
    receiver.onArrival = (library, arrival) => {
      if (byLibrary.get(library)?.isEarly(arrival)) this.early.push(arrival.id);
    };
  }

  async run(): Promise<CampaignReport> {
    const trouble = await this.lives().then(
      () => null,
      (error: Error) => error.message,
    );
    const { receiver, early, kills, tales } = this;
    const played = countsOf(tales.map((t) => t.player));
    const { requests, repeats, refusals, altered, forged } = receiver;
    const verdicts = new Map(tales.map((t) => [t.seed, verdictOf(t.player.oracle, t.arrivals)]));
    const right = [...verdicts.values()].every(({ told, committed }) => isDeepStrictEqual(told, committed));
    const clean = right && trouble === null && early.length + altered.length + forged.length === 0;
    return {
      trouble,
      kept: clean ? null : this.keep(),
      verdicts,
      early,
      altered,
      forged,
      counts: { kills, ...played, backfills: this.backfillsAsked, requests, repeats, refusals },
    };
  }

  /** @returns the folder */
  private keep(): string {
    const { folder } = this;
    const name = this.tales[0]!.partition.library;
    const log = this.processes.map(({ what, process }, i) => `=== ${i} ${what}\n${process.output}${process.errors}`);
    writeFileSync(join(folder, 'processes.log'), log.join('\n'));
    const kept = join(KEPT, `${name}-${Date.now()}`);
    cpSync(folder, kept, { recursive: true });
    return kept;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.daemon?.running) this.daemon.kill('SIGKILL');
    await this.daemon?.ended;
    await this.endCommands();
    for (const { partition } of this.tales) await partition[Symbol.asyncDispose]();
  }

  private async lives(): Promise<void> {
    const stretch = Math.ceil(this.tales[0]!.player.history.steps.length / LIVES);
    for (let i = 0; i < LIVES; i++) await this.live(drawLife(this.dice, stretch * this.tales.length), stretch);
    await this.lastLife();
  }

  private async live(life: Life, stretch: number): Promise<void> {
    if (life.pace === 'down') await this.play(stretch, life);
    const daemon = this.start(life.settings, life.death.by === 'moment' ? life.death.at : null);
    const end = this.endOf(daemon, life.death);
    if (life.pace === 'along') await this.waitFor(() => !daemon.running || daemon.said('reading journal'));
    let played = false;
    const playing = (life.pace === 'down' ? Promise.resolve() : this.play(stretch, life)).then(() => {
      played = true;
      this.bell.ring();
    });
    const dying = this.waitFor(() => !daemon.running || end() || (played && this.allTold));
    // a history that cannot be played ends the wait at once
    await Promise.race([dying, Promise.all([playing, dying])]);
    daemon.kill('SIGKILL');
    this.kills++;
    const ended = await daemon.ended;
    await this.endCommands();
    this.complaints.push(...ended.stderr.split('\n').filter((line) => line.includes('"level":"error"')));
    // one whose jobs are ended while it is still starting says so and ends, as where there is no partition
    if (!life.interruption || !isUnreached(ended)) expectSignal(ended, 'SIGKILL');
    await playing;
  }

  /** Lives until everything is told and settled; nothing may be open then, and the ledger must account for every entry. */
  private async lastLife(): Promise<void> {
    const daemon = this.start(drawSettings(this.dice), null);
    await this.steps(Number.MAX_SAFE_INTEGER, false);
    await this.waitFor(() => !daemon.running || (daemon.said('reading journal') && this.allTold));
    await this.waitFor(() => !daemon.running || this.backfills.size === 0);
    await Promise.all(this.releases.values());
    const deadline = Date.now() + PATIENCE_MS;
    let left = await this.left();
    while (left.length > 0 && daemon.running && Date.now() < deadline) left = await this.left();
    daemon.kill('SIGTERM');
    const ended = await daemon.ended;
    if (ended.code !== 0) throw new Error(`the last daemon ended with ${ended.code}:\n${ended.stderr}`);
    if (left.length > 0) throw new Error(`left behind: ${JSON.stringify(left)}\n${ended.stderr}`);
    await this.command('audit');
  }

  /** Journals with open commit cycles and destinations with anything undelivered, as `status` has them. */
  private async left(): Promise<unknown[]> {
    const { stdout } = await this.command('status', '--json');
    const { journals, destinations } = JSON.parse(stdout) as Status;
    return [
      ...journals.filter((j) => j.openCycles > 0),
      ...destinations.filter((d) => d.pending + d.held + d.deadLetters > 0),
    ];
  }

  private async command(...args: string[]): Promise<Ended> {
    const ended = await cli([...args, '-c', this.file], this.secrets);
    if (ended.code !== 0) throw new Error(`${args[0]} ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
    return ended;
  }

  private get allTold(): boolean {
    return this.tales.every((tale) => tale.settled);
  }

  /** One stretch of every history. */
  private async play(stretch: number, { pace, interruption }: Life): Promise<void> {
    const first = interruption ? Math.floor(stretch / 2) : stretch;
    await this.steps(first, pace === 'along');
    if (interruption) await this.endJobs(interruption);
    await this.steps(stretch - first, pace === 'along');
  }

  /** Plays the next steps of every history side by side; keeping up, each waits now and then until it has been told. */
  private async steps(count: number, keepUp: boolean): Promise<void> {
    await Promise.all(
      this.tales.map(async (tale) => {
        for (let i = 0; i < count && !tale.player.atEnd; i++) {
          await tale.player.step();
          this.played++;
          this.bell.ring();
          if (keepUp && i % 3 === 0) await this.waitFor(() => !this.daemon?.running || tale.told);
        }
      }),
    );
  }

  /** The partition ends every job: open commit cycles are rolled back, and nobody is signed on any more. */
  private async endJobs(how: 'restart' | 'drop-connections'): Promise<void> {
    await this.site.endJobs(how);
    for (const { partition, player } of this.tales) {
      await partition.signOnAdministrator();
      player.jobsEnded();
    }
  }

  private endOf(daemon: CliProcess, death: Death): () => boolean {
    const { requests } = this.receiver;
    const { played } = this;
    if (death.by === 'requests') return () => this.receiver.requests >= requests + death.count;
    if (death.by === 'steps') return () => this.played >= played + death.count;
    if (death.by === 'word') return () => daemon.said(death.word);
    return () => false;
  }

  private start(settings: Settings, crashAt: string | null): CliProcess {
    writeFileSync(this.file, configuration(this.places, settings));
    const crash = crashAt === null ? {} : { IBMI_CDC_CRASH_AT: crashAt };
    const daemon = new CliProcess(['run', '-c', this.file], { ...this.secrets, ...crash });
    this.processes.push({ what: `run, ${JSON.stringify({ settings, crashAt })}`, process: daemon });
    this.daemon = daemon;
    let heard = 0;
    daemon.onOutput(() => {
      const lines = daemon.errors.slice(heard).split('\n').slice(0, -1);
      for (const line of lines) {
        heard += line.length + 1;
        if (WORK.test(line)) this.works++;
        const paused = /table (?:paused by|still paused)/.test(line) && /"table":"([^"]+)"/.exec(line);
        if (paused) this.release(paused[1]!);
      }
      this.bell.ring();
    });
    return daemon;
  }

  /** The operator's word on a table that is held: one after the other, for each time it is. */
  private release(table: string): void {
    const before = this.releases.get(table) ?? Promise.resolve();
    const done = before.then(async () => {
      const { code, stderr } = await cli(['resume', '--table', table, '-c', this.file], this.secrets);
      // released already, by the word before
      if (code !== 0 && code !== 2) this.complaints.push(stderr);
      this.bell.ring();
    });
    this.releases.set(table, done);
  }

  /** Somebody else's command, while there is a daemon that does the work. */
  private backfill(table: string): void {
    if (!this.daemon?.running || !this.daemon.said('reading journal')) return;
    const command = new CliProcess(['backfill', '--table', table, '-c', this.file], this.secrets);
    this.processes.push({ what: `backfill ${table}`, process: command });
    this.backfills.add(command);
    this.backfillsAsked++;
    void command.ended.then(({ code, stderr }) => {
      this.backfills.delete(command);
      if (code !== 0 && code !== null) this.complaints.push(stderr);
      this.bell.ring();
    });
  }

  /** The next daemon must not find the state file in the hands of a command. */
  private async endCommands(): Promise<void> {
    for (const command of this.backfills) {
      command.kill('SIGKILL');
      await command.ended;
    }
    await Promise.all(this.releases.values());
  }

  private get secrets(): Record<string, string> {
    return { HISTORY_PASSWORD: this.site.partition.password, HISTORY_SECRET: SECRET };
  }

  /** @throws Error when nothing arrives and nothing is played any more */
  private async waitFor(condition: () => boolean): Promise<void> {
    let before: number;
    do {
      before = this.progress;
      if (await this.bell.until(condition, PATIENCE_MS)) return;
    } while (this.progress > before);
    const behind = this.tales.filter((t) => !t.settled).map((t) => t.seed);
    const said = [...this.complaints, this.daemon?.errors.slice(-4000)].join('\n');
    throw new Error(`histories ${behind.join(', ')} are not told to their end; the daemons say\n${said}`);
  }

  private get progress(): number {
    return this.played + this.receiver.requests + this.works;
  }
}

function isUnreached({ code, stderr }: Ended): boolean {
  return code === 3 && /^error CONNECTION_/m.test(stderr) && !stderr.includes('reading journal');
}

function expectSignal({ signal, code, stderr }: Ended, wanted: NodeJS.Signals): void {
  if (signal !== wanted) throw new Error(`the daemon ended by itself with ${code}:\n${stderr}`);
}
