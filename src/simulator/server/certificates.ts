/**
 * The partition's own certificate authority and server certificate, as a *SYSTEM store with a local CA would hold them.
 * Kept as PEM files in one folder, made on first start; the server certificate is made anew when it no longer names the
 * host it is asked for, or has run out.
 */
import 'reflect-metadata'; // @peculiar/x509 resolves its parts through it
import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate as PeculiarCertificate,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface ServerCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM of the server certificate followed by its CA. */
  readonly cert: string;
  /** Path of the PEM a client has to trust. */
  readonly caFile: string;
}

interface Pair {
  readonly key: webcrypto.CryptoKey;
  readonly keyPem: string;
  readonly certPem: string;
}

/** Loads the CA and server certificate of `folder`, making what is missing. `host` becomes one of the server's names. */
export async function serverCertificate(folder: string, host: string): Promise<ServerCertificate> {
  mkdirSync(folder, { recursive: true });
  const ca = (await load(folder, 'ca')) ?? (await makeCa(folder));
  const server = await load(folder, 'server');
  const usable = server !== undefined && stillGood(server.certPem, ca.certPem, host);
  const current = usable ? server : await makeServer(folder, ca, host, new Date(Date.now() + 825 * DAY_MS));
  return { key: current.keyPem, cert: current.certPem + ca.certPem, caFile: join(folder, 'ca.pem') };
}

/** A server certificate of the same CA that ran out yesterday; nothing is written. */
export async function expiredCertificate(folder: string, host: string): Promise<ServerCertificate> {
  mkdirSync(folder, { recursive: true });
  const ca = (await load(folder, 'ca')) ?? (await makeCa(folder));
  const server = await makeServer(null, ca, host, new Date(Date.now() - DAY_MS));
  return { key: server.keyPem, cert: server.certPem + ca.certPem, caFile: join(folder, 'ca.pem') };
}

async function makeCa(folder: string): Promise<Pair> {
  const keys = await makeKeys();
  const name = 'CN=Simulated IBM i local CA, O=ibmi-cdc';
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: name,
    issuer: name,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return save(folder, 'ca', keys.privateKey, certificate);
}

async function makeServer(folder: string | null, ca: Pair, host: string, notAfter: Date): Promise<Pair> {
  const keys = await makeKeys();
  const issuer = new PeculiarCertificate(ca.certPem);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: 'CN=Simulated IBM i host servers, O=ibmi-cdc',
    issuer: issuer.subject,
    notBefore: new Date(Math.min(Date.now(), notAfter.getTime()) - DAY_MS),
    notAfter,
    publicKey: keys.publicKey,
    signingKey: ca.key,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names(host)),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return save(folder, 'server', keys.privateKey, certificate);
}

function names(host: string): JsonGeneralName[] {
  const hosts = new Set(['localhost', '127.0.0.1', '::1', host]);
  return [...hosts].filter((h) => h !== '').map((h) => ({ type: isIP(h) ? 'ip' : 'dns', value: h }));
}

function stillGood(certPem: string, caPem: string, host: string): boolean {
  const certificate = new X509Certificate(certPem);
  const named = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host);
  const signed = certificate.verify(new X509Certificate(caPem).publicKey);
  return signed && named !== undefined && Date.parse(certificate.validTo) > Date.now() + DAY_MS;
}

async function load(folder: string, name: string): Promise<Pair | undefined> {
  try {
    const keyPem = readFileSync(join(folder, `${name}.key`), 'utf8');
    const certPem = readFileSync(join(folder, `${name}.pem`), 'utf8');
    const pkcs8 = PemConverter.decodeFirst(keyPem);
    const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, true, ['sign']);
    return { key, keyPem, certPem };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function save(
  folder: string | null,
  name: string,
  key: webcrypto.CryptoKey,
  certificate: PeculiarCertificate,
): Promise<Pair> {
  const keyPem = `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
  const certPem = `${certificate.toString('pem')}\n`;
  if (folder !== null) {
    writeFileSync(join(folder, `${name}.key`), keyPem, { mode: 0o600 });
    writeFileSync(join(folder, `${name}.pem`), certPem);
  }
  return { key, keyPem, certPem };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function serial(): string {
  // first byte below X'80': a serial number is a positive integer
  const bytes = webcrypto.getRandomValues(new Uint8Array(12));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return Buffer.from(bytes).toString('hex');
}
