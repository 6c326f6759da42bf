/** What is wrong with a TLS connection, in words: which certificate, whose authority, which name, since when. */
import type { PeerCertificate } from 'node:tls';
import { CodedError } from '../../../../errors/coded-error';

interface Words {
  readonly text: string;
  readonly next: string;
}

/** The receiver's certificate does not hold. @param code as Node names the result of its check */
export function certificateFault(code: string, host: string, certificate: PeerCertificate | null): CodedError {
  const { text, next } = wordsOf(code, certificate);
  return fault(code, `the certificate of ${host} ${text}`, next);
}

function wordsOf(code: string, certificate: PeerCertificate | null): Words {
  const of = issuedBy(certificate);
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return {
        text: `has expired${dated(' on', certificate?.valid_to)}${of}`,
        next: 'its people must renew it; compare the clock of this machine, too',
      };
    case 'CERT_NOT_YET_VALID':
      return {
        text: `is not valid yet${dated(', only from', certificate?.valid_from)}${of}`,
        next: 'compare the clock of this machine',
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        text: `is for ${namesIn(certificate)}, not for that name`,
        next: 'correct the host in the url, or set tls.serverName to the name in the certificate',
      };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return {
        text: `${subject(certificate)} is signed by itself, by no authority`,
        next: 'set tls.ca to that certificate, or tls.fingerprint to its SHA-256',
      };
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return {
        text: `is of an authority that is not trusted here${of}`,
        next: 'set tls.ca to the certificate of that authority',
      };
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return {
        text: `is of an authority that is not known here${of}, or the receiver leaves the certificates in between out`,
        next: 'set tls.ca to the certificate of the authority; its people must send the whole chain',
      };
    case 'CERT_REVOKED':
      return { text: `has been revoked${of}`, next: 'its people must renew it' };
    default:
      return {
        text: `does not hold (${code})${of}`,
        next: 'look at it: openssl s_client -showcerts -connect HOST:443',
      };
  }
}

/**
 * A failure the TLS library reports; null for any other error.
 * @param code such as `ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION`
 */
export function tlsFailure(code: string | undefined, text: string): string | null {
  if (!/^(ERR_SSL_|EPROTO)/.test(code ?? '') && !text.includes(':SSL routines:')) return null;
  const all = `${code} ${text}`.toLowerCase().replaceAll('_', ' ');
  const known = FAILURES.find(([pattern]) => pattern.test(all));
  if (known) return known[1];
  const alert = /_ALERT_([A-Z_]+)$/.exec(code ?? '')?.[1] ?? /alert ([a-z ]+):/.exec(all)?.[1];
  if (alert) return `the receiver ended TLS: ${alert.toLowerCase().replaceAll('_', ' ')}`;
  return code === undefined ? 'TLS failed' : `TLS failed (${code})`;
}

const FAILURES: readonly (readonly [RegExp, string])[] = [
  [
    /alert certificate required|did not return a certificate/,
    'the receiver wants a client certificate, and none was given: set tls.cert and tls.key',
  ],
  [/alert unknown ca/, 'the receiver does not know the authority of our client certificate (tls.cert)'],
  [/alert certificate expired/, 'the receiver says that our client certificate (tls.cert) has expired'],
  [/alert certificate revoked/, 'the receiver says that our client certificate (tls.cert) has been revoked'],
  [
    /alert (bad|unsupported|unknown) certificate|alert certificate unknown/,
    'the receiver does not accept our client certificate (tls.cert)',
  ],
  [/alert access denied/, 'the receiver knows our client certificate (tls.cert) and refuses it'],
  [
    /alert protocol version|unsupported protocol|version too low|wrong ssl version/,
    'the receiver offers no TLS version from 1.2 on',
  ],
  [/alert unrecognized name/, 'the receiver has nothing under this name (SNI): correct the url or tls.serverName'],
  [
    /wrong version number|packet length too long|http request|record layer failure/,
    'the receiver does not speak TLS on this port: is the url https:// where it should be http://?',
  ],
  [
    /no shared cipher|alert handshake failure|alert insufficient security|no ciphers available/,
    'the receiver and we have no TLS settings in common, or it wants a client certificate (tls.cert)',
  ],
  [/dh key too small|ee key too small|ca md too weak/, "the receiver's key is too weak for TLS of today"],
  [/unexpected eof/, 'the receiver ended TLS in the middle'],
];

function fault(code: string, message: string, next: string): CodedError {
  return new CodedError({ code: 'WEBHOOK_TLS', message, next, facts: { reason: code } });
}

function subject(certificate: PeerCertificate | null): string {
  const name = one(certificate?.subject?.CN) ?? one(certificate?.subject?.O);
  return name === null ? '' : `(${name})`;
}

function issuedBy(certificate: PeerCertificate | null): string {
  const { CN, O } = certificate?.issuer ?? {};
  const name = one(CN) ?? one(O);
  return name === null ? '' : ` (issued by ${name})`;
}

function namesIn(certificate: PeerCertificate | null): string {
  const names = certificate?.subjectaltname?.replace(/DNS:|IP Address:/g, '') ?? one(certificate?.subject?.CN);
  return names ? printable(names) : 'no name';
}

function dated(word: string, moment: string | undefined): string {
  const ms = moment === undefined ? Number.NaN : Date.parse(moment);
  return Number.isNaN(ms) ? '' : `${word} ${new Date(ms).toISOString().slice(0, 10)}`;
}

function one(value: string | string[] | undefined): string | null {
  const text = Array.isArray(value) ? value[0] : value;
  return text ? printable(text) : null;
}

/** A certificate is what a stranger wrote. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a1-\uffff]/g, '?').slice(0, 200);
}
