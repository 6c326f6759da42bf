/** A Java trust store for the partition's CA, made from PEM, because JTOpen trusts only through the JVM's own store. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../errors/coded-error';
import type { JavaObject, Jvm } from './jvm';

let trusted: string | null = null;

/**
 * Points the JVM at a store that holds just the given CA. The JVM reads it once, at the first TLS handshake,
 * so a process can serve one CA file only.
 */
export function trustCa(jvm: Jvm, caFile: string): void {
  const pem = readFileSync(caFile, 'utf8');
  if (trusted === pem) return;
  if (trusted !== null) {
    throw new CodedError({
      code: 'JT400_ONE_CA',
      message: 'transport jt400 can trust one CA file in a process; another one was given before',
      next: 'put all CA certificates into one PEM file',
    });
  }
  const store = jvm.callStatic('java.security.KeyStore', 'getInstance', 'PKCS12') as JavaObject;
  store['loadSync']!(null, null);
  const factory = jvm.callStatic('java.security.cert.CertificateFactory', 'getInstance', 'X.509') as JavaObject;
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  blocks.forEach((block, i) => {
    const stream = jvm.create('java.io.ByteArrayInputStream', jvm.bytes(Buffer.from(block, 'latin1')));
    store['setCertificateEntrySync']!(`ca${i}`, factory['generateCertificateSync']!(stream));
  });
  const file = join(mkdtempSync(join(tmpdir(), 'ibmi-cdc-')), 'trust.p12');
  const out = jvm.create('java.io.FileOutputStream', file);
  const secret = jvm.chars('changeit');
  store['storeSync']!(out, secret);
  out['closeSync']!();
  for (const [key, value] of [
    ['javax.net.ssl.trustStore', file],
    ['javax.net.ssl.trustStoreType', 'PKCS12'],
    ['javax.net.ssl.trustStorePassword', 'changeit'],
  ]) {
    jvm.callStatic('java.lang.System', 'setProperty', key, value);
  }
  trusted = pem;
}
