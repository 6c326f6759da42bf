/**
 * Things that go wrong on demand. Tests of any client set them on the partition's `faults` or, from outside the process,
 * with `CALL SIMULATOR.FAULT('cut-after', '1000')`. Everything here is off until asked for.
 */
import { CodedError } from '../../errors/coded-error';

export type Service = 'signon' | 'database' | 'command';

interface FaultScope {
  /** Default all. */
  readonly service?: Service;
  /** How many connections or replies are hit, whichever the fault counts; default 1. */
  readonly times?: number;
}

interface Counted {
  left: number;
  readonly service: Service | undefined;
}

/** "Not enough room in the subsystem": one of the codes that say the connection could not be handed to a server job. */
const SERVER_BUSY = 0x00040003;

/** What happens to the partition as a whole; it does them itself. */
export type PartitionEvent = 'restart' | 'drop-connections' | 'expire-certificate' | 'renew-certificate';

export class Faults {
  /** Set by the partition these faults belong to. */
  event: (event: PartitionEvent) => void = () => {};
  /** Added before every reply: the round trip of a far network. */
  latencyMs = 0;
  private cut: (Counted & { after: number }) | null = null;
  private drip: (Counted & { bytes: number; everyMs: number }) | null = null;
  private split: (Counted & { bytes: number }) | null = null;
  private correlation: Counted | null = null;
  private length: Counted | null = null;
  private refusal: (Counted & { code: number }) | null = null;
  private silent: Counted | null = null;
  private held: Counted | null = null;

  /** Ends a connection in the middle of what it sends, once `bytes` more have left any connection. */
  cutAfter(bytes: number, scope: FaultScope = {}): void {
    this.cut = { ...counted(scope), after: bytes };
  }

  /** Requests are taken and never answered, until {@link clear}. */
  stall(scope: FaultScope = {}): void {
    this.silent = counted({ times: Number.POSITIVE_INFINITY, ...scope });
  }

  /** Statements start and do not end until they are cancelled or the faults cleared. */
  holdStatements(scope: FaultScope = {}): void {
    this.held = counted(scope);
  }

  /** A statement is still to be held. */
  get holding(): boolean {
    return this.held !== null && this.held.left > 0;
  }

  /** Replies leave `bytes` at a time, one such piece every `everyMs`. */
  slowDrip(bytes: number, everyMs: number, scope: FaultScope = {}): void {
    this.drip = { ...counted({ times: Number.POSITIVE_INFINITY, ...scope }), bytes: Math.max(1, bytes), everyMs };
  }

  /** Replies are cut into segments of `bytes`, each written on its own. */
  splitFrames(bytes: number, scope: FaultScope = {}): void {
    this.split = { ...counted({ times: Number.POSITIVE_INFINITY, ...scope }), bytes: Math.max(1, bytes) };
  }

  /** The next replies carry a correlation id no request has. */
  wrongCorrelation(scope: FaultScope = {}): void {
    this.correlation = counted(scope);
  }

  /** The next replies announce a length that cannot be. */
  lyingLength(scope: FaultScope = {}): void {
    this.length = counted(scope);
  }

  /** The next start-server requests are refused with `code` (table 3.3 of the protocol reference). */
  refuseStartServer(code: number, scope: FaultScope = {}): void {
    this.refusal = { ...counted(scope), code };
  }

  serverBusy(scope: FaultScope = {}): void {
    this.refuseStartServer(SERVER_BUSY, scope);
  }

  clear(): void {
    this.latencyMs = 0;
    this.cut = this.drip = this.split = this.correlation = this.length = this.refusal = this.silent = this.held = null;
  }

  /** Names of the faults in SQL. */
  static readonly names: readonly string[] = Object.keys(armed(new Faults(), ''));

  /** Arms a fault by the name it has in SQL. @throws CodedError FAULT_UNKNOWN */
  arm(name: string, argument: string): void {
    const arm = armed(this, argument)[name.trim().toLowerCase()];
    if (!arm) {
      throw new CodedError({
        code: 'FAULT_UNKNOWN',
        message: `no fault is called '${name}'`,
        next: `use one of ${Faults.names.join(', ')}`,
      });
    }
    arm();
  }

  /** How many bytes of a reply of `length` bytes may still leave before the connection is cut; undefined = all. */
  takeCut(service: Service, length: number): number | undefined {
    const cut = this.cut;
    if (!cut || !hits(cut, service)) return undefined;
    if (length <= cut.after) {
      cut.after -= length;
      return undefined;
    }
    const allowed = cut.after;
    cut.after = 0;
    if (--cut.left <= 0) this.cut = null;
    return allowed;
  }

  takeDrip(service: Service): { bytes: number; everyMs: number } | undefined {
    return take(this.drip, service);
  }

  takeSplit(service: Service): number | undefined {
    return take(this.split, service)?.bytes;
  }

  takeWrongCorrelation(service: Service): boolean {
    return take(this.correlation, service) !== undefined;
  }

  takeLyingLength(service: Service): boolean {
    return take(this.length, service) !== undefined;
  }

  takeRefusal(service: Service): number | undefined {
    return take(this.refusal, service)?.code;
  }

  takeStall(service: Service): boolean {
    return take(this.silent, service) !== undefined;
  }

  takeHold(): boolean {
    return take(this.held, 'database') !== undefined;
  }
}

/** Each fault under its SQL name; arguments are separated by commas. */
function armed(faults: Faults, argument: string): Readonly<Record<string, () => void>> {
  const [first = '', second = ''] = argument.split(',').map((part) => part.trim());
  const n = Number(first || '0');
  const times = Number(first || '1');
  const database = { service: 'database' } as const;
  return {
    'cut-after': () => faults.cutAfter(n, database),
    stall: () => faults.stall(database),
    'hold-statements': () => faults.holdStatements({ times }),
    'slow-drip': () => faults.slowDrip(n, Number(second || '1'), database),
    'split-frames': () => faults.splitFrames(n),
    'wrong-correlation': () => faults.wrongCorrelation({ times, ...database }),
    'lying-length': () => faults.lyingLength({ times, ...database }),
    'refuse-start-server': () =>
      faults.refuseStartServer(Number.parseInt(first, 16), { times: Number(second || '1'), ...database }),
    'server-busy': () => faults.serverBusy({ times, ...database }),
    'latency-ms': () => {
      faults.latencyMs = n;
    },
    restart: () => faults.event('restart'),
    'drop-connections': () => faults.event('drop-connections'),
    'expire-certificate': () => faults.event('expire-certificate'),
    'renew-certificate': () => faults.event('renew-certificate'),
    clear: () => faults.clear(),
  };
}

function counted(scope: FaultScope): Counted {
  return { left: scope.times ?? 1, service: scope.service };
}

function hits(fault: Counted, service: Service): boolean {
  return fault.left > 0 && (fault.service === undefined || fault.service === service);
}

function take<T extends Counted>(fault: T | null, service: Service): T | undefined {
  if (!fault || !hits(fault, service)) return undefined;
  fault.left--;
  return fault;
}
