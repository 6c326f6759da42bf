/** A daemon with its API on a simulated partition, a receiver that can be told what to answer, and a token of each role. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { serveApi } from '../../../src/api/api';
import type { Daemon } from '../../../src/daemon/daemon';
import type { Role } from '../../../src/operators/role';
import { Receiver } from '../../deliver/support/receiver';
import { Desk } from '../../support/desk';
import { Contract } from './contract';

/** A name for a secret that must not be seen anywhere. */
export const BEARER = 'a-secret-that-nobody-sees';

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape, looked at by tests
  readonly json: any;
}

interface Request {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ApiSite implements AsyncDisposable {
  readonly tokens = {} as Record<Role, string>;
  readonly contract = new Contract();
  daemon!: Daemon;

  private constructor(
    readonly desk: Desk,
    readonly receiver: Receiver,
  ) {}

  static async open(more = ''): Promise<ApiSite> {
    const site = new ApiSite(await Desk.open(), await Receiver.start());
    await site.desk.table('ODD');
    writeFileSync(join(dirname(site.desk.config), 'crm-token'), BEARER, { mode: 0o600 });
    site.desk.write(`  crm:
    webhook:
      url: "${site.receiver.url}/hooks/of/someone"
      auth: { bearer: { token: "\${file:crm-token}" } }
      signing: none
      privateNetworks: ["127.0.0.0/8"]
      retry: { schedule: [0s, 1h] }
  bare:
    stdout: {}
    storePayload: false
journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 20ms }
http: { port: 0 }
alerts: { every: 100ms }
${more}
tables:
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    columns: { ORDNO: orderNumber, STS: status, CUSNO: customer, CUSREF: reference, REMARK: remark, CHGUSR: changedBy }
    include: [ORDNO, STS, CUSNO, CUSREF, REMARK, CHGUSR]
    mask: { CUSREF: redact }
    payload: { thin: [STS] }
    to: [crm, out]
  ORDLIB/ODD:
    event: odd
    key: [ID]
    to: [bare]
`);
    site.daemon = await site.desk.start({ api: serveApi });
    // where reading begins is known by then
    await site.until(async () => (await fetch(`${site.url}/readyz`)).status === 200);
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const made = await site.desk.json<{ token: string }>('token', 'create', '--name', role, '--role', role);
      site.tokens[role] = made.token;
    }
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${this.daemon.httpPort}`;
  }

  /** Without a word about it, as a viewer. What the answer says of itself is held against the document. */
  async ask(
    method: string,
    path: string,
    { token = this.tokens.viewer, body, headers }: Request = {},
  ): Promise<Answered> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json: unknown = text === '' ? null : JSON.parse(text);
    this.contract.check(method, new URL(response.url).pathname, response, json);
    return { status: response.status, headers: response.headers, text, json };
  }

  get(path: string, request?: Request): Promise<Answered> {
    return this.ask('GET', path, request);
  }

  /** As an operator. */
  post(path: string, body?: unknown, token = this.tokens.operator): Promise<Answered> {
    return this.ask('POST', path, { token, body });
  }

  async order(number: number, status = '10'): Promise<void> {
    await this.desk.sql(
      `INSERT INTO ORDLIB.ORDHDR (ORDNO, CUSNO, STS, ORDDAT, DLVDAT, CURR, TOTAMT, CUSREF, REMARK) VALUES (${number}, 1, '${status}', 1261129, 0, 'EUR', 0, 'SECRETREF', '<script>alert(1)</script>')`,
    );
  }

  /** Until an event of the key is delivered everywhere, or in another state somewhere. @returns it as listed */
  async event(subject: string, state: string) {
    for (const end = Date.now() + 30_000; ; ) {
      const { json } = await this.get(`/v1/events?key=${subject}&limit=1`);
      const [found] = json.items;
      const states: string[] = found?.destinations.map((d: { state: string }) => d.state) ?? [];
      const all = state === 'delivered' && states.length > 0 && states.every((s) => s === state);
      if (all || (state !== 'delivered' && states.includes(state))) return found;
      if (Date.now() > end) throw new Error(`never ${state}: ${JSON.stringify(json)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
    for (const end = Date.now() + 30_000; ; ) {
      const found = await look();
      if (found) return found;
      if (Date.now() > end) throw new Error('never');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.desk[Symbol.asyncDispose]();
    await this.receiver[Symbol.asyncDispose]();
  }
}
