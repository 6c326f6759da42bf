/** How a request is signed and what it carries to show who sends it. */
import type { IncomingHttpHeaders } from 'node:http';

/** Looked up each time it is needed, so that a rotated file is seen; never printed. */
export interface SecretText {
  reveal(): string;
  /** The receiver does not accept it: the next {@link reveal} asks its file or program at once. */
  lookAgain?(): void;
  /** The value itself stands in the configuration. */
  readonly literal?: boolean;
}

export interface SecretPair {
  readonly secret: SecretText;
  /** The one before it, while receivers change over: both signatures are sent. */
  readonly previousSecret: SecretText | null;
}

export interface HmacSigning extends SecretPair {
  readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  /** `HEX` is upper case. */
  readonly encoding: 'hex' | 'HEX' | 'base64' | 'base64url';
  readonly header: string;
  readonly prefix: string;
  /** Template of `{{id}}`, `{{timestamp}}` (Unix seconds) and `{{body}}`. */
  readonly content: string;
  readonly timestampHeader: string | null;
  readonly idHeader: string | null;
  readonly secretEncoding: 'utf8' | 'hex' | 'base64' | 'whsec';
}

export interface StandardWebhooksSigning {
  /** `whsec_...`, for v1. */
  readonly secret: SecretText | null;
  readonly previousSecret: SecretText | null;
  /** `whsk_...` or PEM, for v1a. */
  readonly privateKey: SecretText | null;
  readonly previousPrivateKey: SecretText | null;
}

export type Signing =
  | 'none'
  | { readonly standardWebhooks: StandardWebhooksSigning }
  | { readonly hmac: HmacSigning }
  | { readonly stripe: SecretPair }
  | { readonly github: SecretPair }
  | { readonly shopify: SecretPair }
  | { readonly slack: SecretPair }
  | { readonly celigo: SecretPair };

/** Credentials that stand in a request as they are. */
export interface StaticCredentials {
  readonly basic: { readonly user: string; readonly password: SecretText } | null;
  readonly bearer: { readonly token: SecretText } | null;
  readonly apiKey: { readonly header: string | null; readonly query: string | null; readonly value: SecretText } | null;
  /** Put into the JSON body at a dotted path before it is signed. */
  readonly bodyToken: { readonly path: string; readonly value: SecretText } | null;
}

/** Null when the signature holds, otherwise why not. @param url path and query, for a key that stands there */
export type Verifier = (headers: IncomingHttpHeaders, body: Buffer, url?: string) => string | null;
