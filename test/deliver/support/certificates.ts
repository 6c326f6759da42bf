/** Certificates for tests, made by openssl: an authority, a server on 127.0.0.1, a client, and a stranger. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Certificates implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'certs-'));

  constructor() {
    for (const ca of ['ca', 'stranger']) {
      this.openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${ca}`,
        '-keyout',
        this.file(`${ca}.key`),
        '-out',
        this.file(`${ca}.pem`),
      );
    }
    writeFileSync(this.file('ext'), 'subjectAltName=IP:127.0.0.1\n');
    this.issue('server', 'ca');
    this.issue('client', 'ca');
    this.issue('strange-client', 'stranger');
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.file(name));
  }

  fingerprint(name: string): string {
    return new X509Certificate(this.read(`${name}.pem`)).fingerprint256;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private issue(name: string, ca: string): void {
    this.openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      this.file(`${name}.key`),
      '-out',
      this.file(`${name}.csr`),
    );
    this.openssl(
      'x509',
      '-req',
      '-in',
      this.file(`${name}.csr`),
      '-CA',
      this.file(`${ca}.pem`),
      '-CAkey',
      this.file(`${ca}.key`),
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      this.file('ext'),
      '-out',
      this.file(`${name}.pem`),
    );
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}
