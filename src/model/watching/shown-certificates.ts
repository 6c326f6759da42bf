/** Certificates that servers show while connections are made: published for whoever warns before one expires. */
import { channel } from 'node:diagnostics_channel';

interface ShownCertificate {
  /** `host:port`. */
  readonly host: string;
  /** End of its validity, epoch milliseconds. */
  readonly validTo: number;
}

const shown = channel('ibmi-cdc.certificate');

/** @param certificate as the socket has it; empty in a resumed session, which shows none */
export function showCertificate(host: string, certificate: { readonly valid_to?: string }): void {
  const validTo = Date.parse(certificate.valid_to ?? '');
  if (!Number.isNaN(validTo)) shown.publish({ host, validTo } satisfies ShownCertificate);
}

/** The last certificate of each host from now on. */
export class ShownCertificates implements Disposable {
  private readonly byHost = new Map<string, number>();
  private readonly note = (message: unknown): void => {
    const { host, validTo } = message as ShownCertificate;
    this.byHost.set(host, validTo);
  };

  constructor() {
    shown.subscribe(this.note);
  }

  list(): ShownCertificate[] {
    return [...this.byHost].map(([host, validTo]) => ({ host, validTo }));
  }

  [Symbol.dispose](): void {
    shown.unsubscribe(this.note);
  }
}
