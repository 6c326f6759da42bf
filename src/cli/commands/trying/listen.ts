/** `listen`: a local receiver that verifies signatures and credentials of any scheme and prints what arrives. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AuthOptions } from '../../../deliver/options';
import { CodedError, EXIT } from '../../../errors/coded-error';
import { FileFault, MAX_VALUE_BYTES, readTextFile } from '../../../files/text-file';
import { exactText } from '../../../model/exact-json';
import type { Signing, Verifier } from '../../../signatures/options';
import { FORM, type HmacForm, PRESETS, type Preset, type VerifyOptions, verifierOf } from '../../../signatures/verify';
import { authVerifier } from '../../../signatures/verify-auth';
import { oneLine } from '../../../telemetry/visible';
import type { CliIo, GlobalOptions } from '../../io';
import { type Heard, Listener } from '../../listen/listener';
import { loadCommandConfig } from '../../load-config';

interface Options extends GlobalOptions {
  readonly host: string;
  readonly port: number;
  readonly preset: Preset;
  readonly from?: string;
  readonly secret: string[];
  readonly secretEnv: string[];
  readonly secretFile: string[];
  readonly publicKey: string[];
  readonly algorithm: HmacForm['algorithm'];
  readonly encoding: HmacForm['encoding'];
  readonly header?: string;
  readonly prefix: string;
  readonly content: string;
  readonly timestampHeader?: string;
  readonly idHeader?: string;
  readonly secretEncoding: HmacForm['secretEncoding'];
  readonly tolerance: number;
  readonly status: number;
  readonly failFirst: number;
  readonly count?: number;
  readonly seconds?: number;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('listen')
    .description('a local receiver that verifies signatures and prints what arrives')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port, 0 for any free one', whole, 0)
    .addOption(new Option('--preset <name>', 'signature scheme').choices([...PRESETS]).default('standard-webhooks'))
    .option(
      '--from <destination>',
      'take signature, credentials and secrets of a webhook destination of the configuration',
    )
    .option(
      '--secret <text>',
      'secret (user:password for basic); may be repeated; better: --secret-env or --secret-file',
      collect,
      [],
    )
    .option('--secret-env <name>', 'environment variable with the secret; may be repeated', collect, [])
    .option('--secret-file <file>', 'file with the secret; may be repeated', collect, [])
    .option('--public-key <key>', 'whpk_... or PEM file, for Standard Webhooks v1a', collect, [])
    .addOption(
      new Option('--algorithm <name>', 'hmac').choices(['sha1', 'sha256', 'sha384', 'sha512']).default(FORM.algorithm),
    )
    .addOption(
      new Option('--encoding <name>', 'hmac').choices(['hex', 'HEX', 'base64', 'base64url']).default(FORM.encoding),
    )
    .option('--header <name>', `header of the signature (hmac: ${FORM.header}) or of the key (api-key: x-api-key)`)
    .option('--prefix <text>', 'hmac: text before the signature', '')
    .option('--content <template>', 'hmac: what is signed, of {{id}}, {{timestamp}}, {{body}}', FORM.content)
    .option('--timestamp-header <name>', 'hmac: header of the timestamp')
    .option('--id-header <name>', 'hmac: header of the id')
    .addOption(
      new Option('--secret-encoding <name>', 'hmac').choices(['utf8', 'hex', 'base64', 'whsec']).default('utf8'),
    )
    .option('--tolerance <seconds>', 'oldest and newest timestamp accepted', whole, 300)
    .option('--status <code>', 'answer to what is verified', whole, 204)
    .option('--fail-first <n>', 'answer the first n requests with 503, to watch retries', whole, 0)
    .option(
      '--count <n>',
      'end after n accepted events: verified, answered 2xx, not a repeat; refused ones do not count',
      whole,
    )
    .option('--seconds <n>', 'end after n seconds; with --count: exit code 5 if it has not been reached by then', whole)
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc listen --port 8787 --secret-env CRM_SECRET
  ibmi-cdc listen --preset github --secret-file secrets/github --json
  ibmi-cdc listen --from crm -c ibmi-cdc.yaml
  ibmi-cdc listen --preset basic --secret-env USER_AND_PASSWORD --count 10 --seconds 60

A request whose signature or credentials do not hold is answered 401 and printed with the reason.`,
    )
    .action(async (_options: unknown, command: Command) => {
      await listen(io, command.optsWithGlobals<Options>());
    });
}

async function listen(io: CliIo, options: Options): Promise<void> {
  let left = options.count ?? Number.POSITIVE_INFINITY;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((done) => {
    end = done;
  });
  await using listener = new Listener({
    host: options.host,
    port: options.port,
    verify: verifierFor(io, options),
    status: options.status,
    failFirst: options.failFirst,
    heard: (one) => {
      io.stdout.write(options.json ? `${exactText(one)}\n` : humanText(one));
      if (one.accepted && !one.repeat) left--;
      if (left <= 0) end();
    },
  });
  const url = await started(listener, options);
  if (options.json) io.stdout.write(`${JSON.stringify({ ready: true, url, preset: options.preset })}\n`);
  else io.stderr.write(`listening on ${url}, ${options.from ? `as ${options.from}` : options.preset}; Ctrl-C ends\n`);
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const timer = options.seconds === undefined ? null : setTimeout(end, options.seconds * 1000);
  await ended;
  if (timer) clearTimeout(timer);
  if (timer && options.count !== undefined && left > 0) io.exit(EXIT.findings);
  process.removeListener('SIGINT', end);
  process.removeListener('SIGTERM', end);
}

async function started(listener: Listener, { host, port }: Options): Promise<string> {
  try {
    return await listener.start();
  } catch (cause) {
    throw new CodedError({
      code: 'LISTEN_PORT',
      message: `cannot listen on ${host}:${port} (${(cause as NodeJS.ErrnoException).code ?? 'error'})`,
      next: 'choose another --port, or 0 for any free one',
      cause,
    });
  }
}

function verifierFor(io: CliIo, options: Options): Verifier {
  if (options.from === undefined) return verifierOf(verifyOptions(io, options));
  const { signature, auth } = fromConfig(io, options, options.from);
  const signed = verifierOf({ ...signature, toleranceSeconds: options.tolerance });
  const known = authVerifier(auth);
  return (headers, body, url) => signed(headers, body, url) ?? known(headers, body, url);
}

function verifyOptions(io: CliIo, options: Options): VerifyOptions {
  const tolerance = { toleranceSeconds: options.tolerance };
  const { algorithm, encoding, header, prefix, content, secretEncoding } = options;
  return {
    preset: options.preset,
    secrets: [
      ...options.secret,
      ...options.secretEnv.map((name) => fromEnvironment(io, name)),
      ...options.secretFile.map(fromFile),
    ],
    publicKeys: options.publicKey.map((text) => (text.startsWith('whpk_') ? text : fromFile(text))),
    hmac: {
      algorithm,
      encoding,
      header: header ?? (options.preset === 'api-key' ? 'x-api-key' : FORM.header),
      prefix,
      content,
      secretEncoding,
      timestampHeader: options.timestampHeader ?? null,
      idHeader: options.idHeader ?? null,
    },
    ...tolerance,
  };
}

/** The scheme of a destination, seen from its receiver. */
function fromConfig(io: CliIo, options: Options, name: string): { signature: VerifyOptions; auth: AuthOptions } {
  const config = loadCommandConfig(io, options, 'tolerate');
  const webhook = config.destinations[name]?.webhook;
  if (!webhook) throw notAWebhook(name, Object.keys(config.destinations));
  if (webhook.tls.cert !== null) {
    io.stderr.write('this receiver speaks plain HTTP: the client certificate of the destination is not looked at\n');
  }
  return { signature: signatureOf(webhook.signing, options), auth: webhook.auth };
}

function signatureOf(signing: Signing, options: Options): VerifyOptions {
  if (signing === 'none') return { preset: 'none', secrets: [] };
  const reveal = (pair: { secret: { reveal(): string } | null; previousSecret: { reveal(): string } | null }) =>
    [pair.secret, pair.previousSecret].filter((s) => s !== null).map((s) => s.reveal());
  if ('standardWebhooks' in signing) {
    return { preset: 'standard-webhooks', secrets: reveal(signing.standardWebhooks), publicKeys: options.publicKey };
  }
  if ('hmac' in signing) return { preset: 'hmac', secrets: reveal(signing.hmac), hmac: signing.hmac };
  if ('stripe' in signing) return { preset: 'stripe', secrets: reveal(signing.stripe) };
  if ('github' in signing) return { preset: 'github', secrets: reveal(signing.github) };
  if ('shopify' in signing) return { preset: 'shopify', secrets: reveal(signing.shopify) };
  if ('slack' in signing) return { preset: 'slack', secrets: reveal(signing.slack) };
  return { preset: 'celigo', secrets: reveal(signing.celigo) };
}

function fromEnvironment(io: CliIo, name: string): string {
  const value = io.env[name];
  if (value) return value;
  throw badSecret(`environment variable ${name} is not set`);
}

function fromFile(file: string): string {
  try {
    return readTextFile(file, MAX_VALUE_BYTES).replace(/\r?\n$/, '');
  } catch (error) {
    throw error instanceof FileFault ? badSecret(`file ${file} ${error.problem}`) : error;
  }
}

function badSecret(problem: string): CodedError {
  return new CodedError({
    code: 'LISTEN_SECRET',
    message: `${problem}; expected the secret the sender signs with`,
    next: 'set the variable or create the file, then start again',
  });
}

function notAWebhook(name: string, known: readonly string[]): CodedError {
  return new CodedError({
    code: 'LISTEN_DESTINATION',
    message: `${name} is no webhook destination; the configuration has ${known.join(', ')}`,
    next: 'name a destination with a webhook',
  });
}

function humanText(one: Heard): string {
  const time = new Date(one.at).toISOString().slice(11, 23);
  const mark = one.verified ? 'verified' : `REFUSED: ${one.why}`;
  const more = [one.batch > 1 ? `batch of ${one.batch}` : '', one.repeat ? 'repeat' : ''].filter((t) => t !== '');
  const head = [time, mark, one.type ?? '-', one.id ?? '-', ...more].join('  ');
  const body = typeof one.event === 'string' ? one.event : exactText(one.event, 2);
  return `${oneLine(head)}\n${body.replace(/^/gm, '  ')}\n`;
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}
