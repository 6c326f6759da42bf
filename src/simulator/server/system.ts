/** What the partition says of itself, and the jobs that serve its connections. */
import type { PasswordLevel, UserRegistry } from './users';

export interface SystemIdentity {
  /** `V7R4M0`. */
  readonly version: string;
  /** Ten characters; the digits from the seventh on switch protocol features (reference 7.1). */
  readonly functionalLevel: string;
  readonly passwordLevel: PasswordLevel;
  readonly jobCcsid: number;
  /** Relational database name, the catalog of JDBC; at most 18 characters. */
  readonly rdbName: string;
  /** Below 18 no client offers an additional authentication factor. */
  readonly signonLevel: number;
  /** Datastream level of the remote command server: 10 brings UTF-16 commands, 11 the newer form of messages. */
  readonly commandLevel: number;
  readonly users: UserRegistry;
}

export const DEFAULT_IDENTITY = {
  version: 'V7R4M0',
  functionalLevel: 'V7R4M00016',
  passwordLevel: 3,
  jobCcsid: 37,
  rdbName: 'SIMI54',
  signonLevel: 10,
  commandLevel: 11,
} as const;

export interface JobName {
  readonly number: string;
  readonly user: string;
  readonly name: string;
}

/** Job numbers of one partition: six digits, never twice in its life. */
export class JobNumbers {
  private last = 100;

  next(): string {
    this.last = this.last >= 999_999 ? 1 : this.last + 1;
    return String(this.last).padStart(6, '0');
  }
}

/** `number/user/name`. */
export function qualified(job: JobName): string {
  return `${job.number}/${job.user}/${job.name}`;
}
