/** The URL of a webhook: origin fixed, `{{type}}`, `{{table}}` and `{{key}}` in path and query filled in for each event. */
import { CodedError } from '../../../errors/coded-error';
import type { StoredEvent } from '../../../model/delivery';
import type { AuthOptions } from '../../options';

export interface UrlTemplate {
  readonly origin: string;
  readonly host: string;
  pathOf(event: StoredEvent): string;
}

const FIELDS: Readonly<Record<string, (event: StoredEvent) => string>> = {
  type: (e) => e.type,
  table: (e) => e.table,
  key: (e) => e.traceKey,
};

/** @throws CodedError family `config`; the URL is not shown, as it may be a secret */
export function urlTemplate(text: string, apiKey: AuthOptions['apiKey']): UrlTemplate {
  const match = /^(https?:\/\/[^/?#{}]+)([^#]*)/i.exec(text.trim());
  const url = match && URL.canParse(match[1]!) ? new URL(match[1]!) : null;
  if (!match || !url) throw badUrl('is not an http(s) URL');
  if (url.username || url.password) throw badUrl('has a user and password in it');
  const rest = match[2]! === '' ? '/' : match[2]!.replace(/^\?/, '/?');
  const parts = rest.split(/\{\{\s*(\w+)\s*\}\}/);
  for (const name of parts.filter((_, i) => i % 2 === 1)) {
    if (!Object.hasOwn(FIELDS, name)) throw badUrl(`has {{${name}}}, which is none of type, table, key`);
  }
  const withQuery = queryOf(apiKey);
  const plain = parts.length === 1 ? normal(new URL(rest, url.origin)) : null;
  return {
    origin: url.origin,
    host: url.host,
    pathOf: (event) =>
      withQuery(
        plain ??
          parts
            .map((part, i) =>
              i % 2 === 0
                ? part.replace(/[^\x21-\x7e]/g, encodeURIComponent)
                : encodeURIComponent(FIELDS[part]!(event)),
            )
            .join(''),
      ),
  };
}

/** The key may change while we run, so it is put in each time. */
function queryOf(apiKey: AuthOptions['apiKey']): (path: string) => string {
  if (!apiKey?.query) return (path) => path;
  const name = encodeURIComponent(apiKey.query);
  return (path) => `${path}${path.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(apiKey.value.reveal())}`;
}

function normal(url: URL): string {
  return url.pathname + url.search;
}

function badUrl(what: string): CodedError {
  return new CodedError({
    code: 'WEBHOOK_URL',
    family: 'config',
    message: `the webhook url ${what}; expected a URL such as https://crm.example.com/hooks/ibmi`,
    next: 'correct the url; credentials belong under auth',
  });
}
