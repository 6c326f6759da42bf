/** The HTTP API of a daemon on another machine, as commands with `--api` ask it. */

import type { Command } from 'commander';
import { CodedError } from '../../errors/coded-error';
import { type ErrorCode, isErrorCode } from '../../errors/codes';
import { parseExact } from '../../model/exact-json';
import type { EventFilterOptions } from '../../operate/event-filter';
import type { CliIo } from '../io';

export interface RemoteOptions {
  readonly api?: string;
  readonly token?: string;
}

/** What a request says, by name; undefined ones are left out. */
type Said = Readonly<Record<string, string | number | boolean | bigint | readonly (string | number)[] | undefined>>;

const TIMEOUT_MS = 120_000;

export function withApi(command: Command): Command {
  return command
    .option('--api <url>', 'ask the daemon that serves its API there, such as http://cdc.example.com:9474')
    .option('--token <token>', 'with --api: a token of it; IBMI_CDC_TOKEN of the environment if left out');
}

/** True where the command is to ask a daemon by its API. */
export function isRemote<O extends RemoteOptions>(options: O): options is O & { readonly api: string } {
  return options.api !== undefined;
}

export class ApiClient {
  private constructor(
    private readonly base: URL,
    private readonly token: string,
  ) {}

  /** @throws CodedError USAGE */
  static of(io: Pick<CliIo, 'env'>, { api, token }: RemoteOptions & { readonly api: string }): ApiClient {
    const base = URL.canParse(api) ? new URL(api) : null;
    if (base === null || !/^https?:$/.test(base.protocol))
      throw new CodedError({
        code: 'USAGE',
        message: `--api is "${api}"; expected a URL such as http://cdc.example.com:9474`,
      });
    const found = token ?? io.env['IBMI_CDC_TOKEN'];
    if (!found)
      throw new CodedError({
        code: 'API_TOKEN',
        message: 'no token was given',
        next: 'add --token TOKEN or set IBMI_CDC_TOKEN; on the machine of the daemon: ibmi-cdc token create',
      });
    return new ApiClient(base, found);
  }

  get<T>(path: string, query: Said = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      const values = Array.isArray(value) ? value : [value];
      for (const one of values) if (one !== undefined) search.append(name, String(one));
    }
    const text = search.toString();
    return this.ask('GET', text === '' ? path : `${path}?${text}`);
  }

  post<T>(path: string, body: Said = {}): Promise<T> {
    const said = Object.fromEntries(
      Object.entries(body).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
    );
    return this.ask('POST', path, JSON.stringify(said));
  }

  private async ask<T>(method: string, path: string, body?: string): Promise<T> {
    const response = await this.reach(method, path, body);
    const text = await response.text().catch(() => '');
    if (!response.ok) throw refusedBy(text, response.status);
    const value = parsed(text);
    if (value === undefined) throw unknownAnswer(response.status);
    return value as T;
  }

  private async reach(method: string, path: string, body?: string): Promise<Response> {
    // a path of its own in --api is that of a proxy in front
    const url = new URL(`${this.base.pathname.replace(/\/$/, '')}${path}`, this.base);
    try {
      return await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (cause) {
      throw new CodedError({
        code: 'API_UNREACHABLE',
        message: `${this.base.origin} does not answer: ${reasonOf(cause)}`,
        next: 'check the URL, and http.host and http.port of the configuration of the daemon',
        cause,
      });
    }
  }
}

/** The filter of a command as the API takes it. */
export function saidFilter(o: EventFilterOptions): Said {
  const { id, type, table, key, since, until, receiver, fromSequence, toSequence } = o;
  return { id, type, table, key, since: iso(since), until: iso(until), receiver, fromSequence, toSequence };
}

export function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** The error as the daemon has it, with the exit code it has there. */
function refusedBy(text: string, status: number): CodedError {
  const { code, detail, next } = (parsed(text) ?? {}) as { code?: unknown; detail?: unknown; next?: unknown };
  if (typeof code !== 'string' || typeof detail !== 'string' || !isErrorCode(code)) return unknownAnswer(status);
  return new CodedError({ code: code as ErrorCode, message: detail, ...(typeof next === 'string' ? { next } : {}) });
}

function unknownAnswer(status: number): CodedError {
  return new CodedError({
    code: 'API_REFUSED',
    message: `what --api leads to answered with ${status}, and not as an ibmi-cdc does`,
    next: 'check the URL, and that the daemon is of the same version',
  });
}

function parsed(text: string): object | undefined {
  try {
    const value = parseExact(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? ((inner as NodeJS.ErrnoException).code ?? inner.message) : String(inner);
}
