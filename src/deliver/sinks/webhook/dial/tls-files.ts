/**
 * Certificates and keys of one destination, read again when a connection is made: a certificate that was rotated on disk is
 * used by the next connection. A new file that cannot be used leaves the old one in place, and is reported.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { CodedError } from '../../../../errors/coded-error';
import type { ClientTls } from '../../../options';

export type FileNews = (message: string, facts: Readonly<Record<string, unknown>>) => void;

interface TlsMaterial {
  readonly minVersion: 'TLSv1.2';
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly passphrase?: string;
}

export class TlsFiles {
  private material: TlsMaterial;
  private made: SecureContext;
  private reportedFault: string | null = null;
  /** Counts the changes, so that sessions of former certificates are not resumed. */
  generation = 0;

  /** @throws CodedError family `config` when a file cannot be read or used */
  constructor(
    private readonly tls: ClientTls,
    private readonly onFiles: FileNews = () => undefined,
  ) {
    this.material = tlsMaterial(tls);
    this.made = contextOf(this.material, tls);
  }

  /** With the files as they are now. */
  context(): SecureContext {
    const { ca, cert, key } = this.tls;
    if (ca === null && cert === null && key === null) return this.made;
    try {
      const now = tlsMaterial(this.tls);
      if (same(now, this.material)) this.reportedFault = null;
      else {
        this.made = contextOf(now, this.tls);
        this.material = now;
        this.generation++;
        this.reportedFault = null;
        this.onFiles('TLS files of the destination have changed: new connections use them', {});
      }
    } catch (error) {
      this.report(error);
    }
    return this.made;
  }

  private report(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    if (why === this.reportedFault) return;
    this.reportedFault = why;
    const next = 'mend the files; they are read again at the next connection';
    this.onFiles('TLS files of the destination cannot be used: the former ones stay', { why, next });
  }
}

/** @throws CodedError family `config` when a file cannot be read */
function tlsMaterial(tls: ClientTls): TlsMaterial {
  return {
    minVersion: 'TLSv1.2',
    ...(tls.ca === null ? {} : { ca: pem(tls.ca, 'ca') }),
    ...(tls.cert === null ? {} : { cert: pem(tls.cert, 'cert') }),
    ...(tls.key === null ? {} : { key: pem(tls.key, 'key') }),
    ...(tls.passphrase === null ? {} : { passphrase: tls.passphrase.reveal() }),
  };
}

function pem(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CodedError({
      code: 'WEBHOOK_TLS_FILE',
      message: `tls.${what}: the file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'}); expected PEM`,
      next: 'correct the path, or the rights of the file',
      facts: { file },
    });
  }
}

function contextOf(material: TlsMaterial, tls: ClientTls): SecureContext {
  try {
    return createSecureContext(material);
  } catch (cause) {
    const reason = (cause as { readonly reason?: string }).reason ?? '';
    throw new CodedError({
      code: 'WEBHOOK_TLS_FILE',
      message: `the TLS files (${namesOf(tls)}) cannot be used${problemOf(reason)}; expected PEM, the key that of the certificate`,
      next: 'compare them: openssl x509 -noout -pubkey -in CERT, openssl pkey -pubout -in KEY',
    });
  }
}

function problemOf(reason: string): string {
  if (/mismatch/.test(reason)) return ': the key is not that of the certificate';
  if (/start line/.test(reason)) return ': one of them has no PEM block';
  if (/bad decrypt|password|pass phrase|interrupted or cancelled/.test(reason))
    return ': the passphrase does not open the key';
  return reason === '' ? '' : ` (${reason})`;
}

function namesOf({ ca, cert, key }: ClientTls): string {
  return [ca, cert, key].filter((file) => file !== null).join(', ');
}

function same(a: TlsMaterial, b: TlsMaterial): boolean {
  const equal = (x: Buffer | undefined, y: Buffer | undefined): boolean => x === y || (!!x && !!y && x.equals(y));
  return equal(a.ca, b.ca) && equal(a.cert, b.cert) && equal(a.key, b.key) && a.passphrase === b.passphrase;
}
