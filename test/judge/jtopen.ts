/** Drives test/judge/java: one JVM with one JTOpen, many operations, answers as parsed JSON. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hasJdk } from '../support/judges';

const ROOT = join(__dirname, '..', '..');
const LIB = join(ROOT, 'node_modules', 'node-jt400', 'java', 'lib');
const JSON_JAR = join(LIB, 'json-simple-1.1.1.jar');
const SOURCES = ['Judge.java', 'Commands.java'].map((name) => join(__dirname, 'java', name));

/** The driver inside node-jt400: JTOpen 9.1. */
export const BUNDLED_JTOPEN = join(LIB, 'jt400.jar');

/** The newest JTOpen fetched by scripts/fetch-judges.mjs; a path that does not exist when it was not fetched. */
export function newestJtopen(): string {
  const folder = join(ROOT, '.cache', 'judges');
  const jars = existsSync(folder) ? readdirSync(folder).filter((n) => /^jt400-[\d.]+\.jar$/.test(n)) : [];
  const byVersion = jars.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return join(folder, byVersion.at(-1) ?? 'jt400-not-fetched.jar');
}

export const DRIVERS = [
  { name: 'JTOpen 9.1 of node-jt400', jar: BUNDLED_JTOPEN },
  { name: 'newest JTOpen on Maven Central', jar: newestJtopen() },
] as const;

/** What describeWithJudge needs to run a driver. */
export function judgeNeeds(jar: string): Record<string, boolean | string> {
  return { 'a JDK (java, javac)': hasJdk(), [`the driver ${jar}`]: jar, 'json-simple of node-jt400': JSON_JAR };
}

export interface JudgeColumn {
  name: string;
  label: string;
  type: string;
  precision: number;
  scale: number;
  nullable: boolean;
}
export interface JudgeRows {
  columns: JudgeColumn[];
  rows: (string | null)[][];
  warning?: { message: string; state: string; code: number } | null;
}

/** What the driver threw. */
export class JudgeError extends Error {
  constructor(
    readonly javaClass: string,
    message: string,
    readonly state: string | undefined,
    readonly code: number | undefined,
    readonly causes: string,
    readonly javaStack: string | undefined,
    /** Update counts of a batch that failed. */
    readonly counts?: readonly number[],
  ) {
    super(message);
  }
}

export interface JudgeOptions {
  readonly jar: string;
  /** PKCS12 trust store; without it the JVM trusts its own list only. */
  readonly trustStore?: { readonly file: string; readonly password: string };
  readonly javaOptions?: readonly string[];
}

export class Judge {
  private readonly pending = new Map<number, { resolve: (v: never) => void; reject: (e: Error) => void }>();
  private nextId = 1;
  private stderr = '';
  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.take(line));
    child.stderr!.on('data', (text: Buffer) => {
      this.stderr = (this.stderr + text.toString()).slice(-4000);
    });
    child.on('exit', (code) => {
      for (const { reject } of this.pending.values()) reject(new Error(`the JVM ended with ${code}: ${this.stderr}`));
      this.pending.clear();
    });
  }

  static start(options: JudgeOptions): Judge {
    const classes = compile(options.jar);
    const trust = options.trustStore
      ? [
          `-Djavax.net.ssl.trustStore=${options.trustStore.file}`,
          `-Djavax.net.ssl.trustStorePassword=${options.trustStore.password}`,
        ]
      : [];
    const args = ['-Xmx512m', '-XX:TieredStopAtLevel=1', ...trust, ...(options.javaOptions ?? [])];
    const child = spawn('java', [...args, '-cp', [classes, options.jar, JSON_JAR].join(':'), 'Judge'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return new Judge(child);
  }

  /** Runs one operation of Judge.java. @throws JudgeError what Java threw */
  run<T = JudgeRows>(op: string, args: Record<string, unknown> = {}): Promise<T> {
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as (v: never) => void, reject });
      this.child.stdin!.write(`${JSON.stringify({ id, op, ...args })}\n`);
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise<void>((done) => this.child.once('exit', () => done()));
    this.child.stdin!.end();
    await ended;
  }

  private take(line: string): void {
    const reply = JSON.parse(line) as { id: number; ok?: never; error?: Record<string, never> };
    const waiter = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    const e = reply.error;
    if (!waiter) return;
    if (e)
      waiter.reject(
        new JudgeError(e['class']!, e['message']!, e['state'], e['code'], e['causes'] ?? '', e['stack'], e['counts']),
      );
    else waiter.resolve(reply.ok as never);
  }
}

/** Compiles once per source and driver; the folder name is the hash, so a change compiles anew. */
function compile(jar: string): string {
  const sources = SOURCES.map((file) => readFileSync(file, 'utf8')).join('');
  const hash = createHash('sha256').update(sources).update(jar).digest('hex').slice(0, 16);
  const folder = join(ROOT, '.cache', 'judge', hash);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  execFileSync('javac', ['-nowarn', '-d', fresh, '-cp', [jar, JSON_JAR].join(':'), ...SOURCES], { stdio: 'pipe' });
  try {
    renameSync(fresh, folder);
  } catch {
    rmSync(fresh, { recursive: true, force: true }); // another test file was quicker
  }
  return folder;
}

/** A trust store holding exactly the CA of `caFile`, made with the JDK's own keytool. */
export function trustStore(caFile: string, folder: string): { file: string; password: string } {
  const file = join(folder, 'trust.p12');
  const password = 'changeit';
  execFileSync(
    'keytool',
    [
      '-importcert',
      '-noprompt',
      '-alias',
      'partition',
      '-file',
      caFile,
      '-keystore',
      file,
      '-storetype',
      'PKCS12',
      '-storepass',
      password,
    ],
    { stdio: 'pipe' },
  );
  return { file, password };
}
