import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import {
  expiredCertificate,
  type ServerCertificate,
  serverCertificate,
} from '../../../src/simulator/server/certificates';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-cert-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Handshake against a real TLS server; the error code of a refusal, or null. */
async function handshake(
  server: ServerCertificate,
  ca: string | undefined,
  servername: string,
): Promise<string | null> {
  const tls = createServer({ key: server.key, cert: server.cert }, (socket) => socket.end());
  tls.on('tlsClientError', () => {});
  await new Promise<void>((done) => tls.listen(0, '127.0.0.1', done));
  const { port } = tls.address() as { port: number };
  const outcome = await new Promise<string | null>((done) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ...(ca ? { ca } : {}) }, () => done(null));
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    socket.on('close', () => socket.destroy());
  });
  await new Promise<void>((done) => tls.close(() => done()));
  return outcome;
}

test('a client that trusts the CA file connects by name; one that does not refuses', async () => {
  const made = await serverCertificate(folder, 'ibmi.example.com');
  const ca = readFileSync(made.caFile, 'utf8');
  expect(await handshake(made, ca, 'localhost')).toBeNull();
  expect(await handshake(made, ca, 'ibmi.example.com')).toBeNull();
  expect(await handshake(made, undefined, 'localhost')).toMatch(/SELF_SIGNED|UNABLE_TO/);
  expect(await handshake(made, ca, 'other.example.com')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('the same folder gives the same certificate; a new host gives a new one under the same CA', async () => {
  const first = await serverCertificate(folder, 'localhost');
  expect(await serverCertificate(folder, 'localhost')).toEqual(first);
  const ca = readFileSync(first.caFile, 'utf8');
  const moved = await serverCertificate(folder, '10.1.2.3');
  expect(moved.cert).not.toBe(first.cert);
  expect(readFileSync(moved.caFile, 'utf8')).toBe(ca);
  expect(new X509Certificate(moved.cert).subjectAltName).toContain('IP Address:10.1.2.3');
});

test('an expired certificate is refused for its date, not for its issuer', async () => {
  const expired = await expiredCertificate(folder, 'localhost');
  expect(await handshake(expired, readFileSync(expired.caFile, 'utf8'), 'localhost')).toBe('CERT_HAS_EXPIRED');
});
