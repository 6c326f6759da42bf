/** Through a proxy or not, and the way through it. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { CodedError } from '../../../../errors/coded-error';

export interface ProxyRoute {
  readonly url: URL;
  /** `Proxy-Authorization`, null without credentials. */
  readonly authorization: string | null;
}

/**
 * The proxy of an origin, null where it is dialled directly.
 * @param proxy URL, or `env` for HTTPS_PROXY, HTTP_PROXY and NO_PROXY
 * @throws CodedError family `config` for a proxy that is no URL
 */
export function proxyOf(origin: URL, proxy: string | null): ProxyRoute | null {
  if (proxy === null) return null;
  if (proxy !== 'env') return routeOf(proxy);
  const { env } = process;
  const plain = env['http_proxy'] ?? env['HTTP_PROXY'] ?? '';
  const secure = env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '';
  const chosen = origin.protocol === 'https:' && secure !== '' ? secure : plain;
  if (chosen === '' || isExempt(origin, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return null;
  // such variables often have a host and port only
  return routeOf(chosen.includes('://') ? chosen : `http://${chosen}`);
}

/**
 * NO_PROXY: `*`, names (with everything below them, a leading dot or `*.` or not), addresses, ranges in CIDR form; each with
 * a port or without. Names are compared as they are written, they are not resolved.
 */
export function isExempt(origin: URL, list: string): boolean {
  const host = bare(origin.hostname);
  const port = origin.port || (origin.protocol === 'https:' ? '443' : '80');
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return isIP(host) !== 0 && inRange(host, entry);
  const parts = isIP(entry) === 6 ? null : /^(.*?)(?::(\d+))?$/.exec(entry);
  const name = bare(parts?.[1] ?? entry).replace(/^\*?\./, '');
  if (parts?.[2] !== undefined && parts[2] !== port) return false;
  if (name === '*') return true;
  if (name === '') return false;
  if (isIP(host) !== 0) return isIP(name) !== 0 && plain(host) === plain(name);
  return host === name || host.endsWith(`.${name}`);
}

function inRange(host: string, range: string): boolean {
  const [address, bits] = range.split('/');
  const text = `${bare(address ?? '')}/${bits}`;
  if (!ipaddr.isValidCIDR(text)) return false;
  const parsed = ipaddr.process(host);
  const [net, length] = ipaddr.parseCIDR(text);
  return parsed.kind() === net.kind() && parsed.match([net, length] as [ipaddr.IPv4, number]);
}

function plain(address: string): string {
  return ipaddr.process(address).toNormalizedString();
}

function bare(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function routeOf(text: string): ProxyRoute {
  try {
    const url = new URL(text);
    if (!/^https?:$/.test(url.protocol)) throw new Error('no http(s) URL');
    if (url.username === '' && url.password === '') return { url, authorization: null };
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return { url, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  } catch (cause) {
    // it may carry a password, so an error does not show it
    throw new CodedError({
      code: 'WEBHOOK_PROXY',
      message: 'the proxy is no URL; expected one such as http://proxy.example.com:3128',
      next: 'correct proxy of this destination, or the variables HTTPS_PROXY and HTTP_PROXY where it is `env`',
      cause,
    });
  }
}

/** A connection to `host:port` through the proxy, by CONNECT. The proxy is the operator's choice: it is dialled wherever it is. */
export function tunnel(
  route: ProxyRoute,
  target: { readonly host: string; readonly port: number },
  timeout: number,
  done: (error: Error | null, socket: Socket | null) => void,
): void {
  const { url, authorization } = route;
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = ask({
    host: bare(url.hostname),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(authorization === null ? {} : { 'proxy-authorization': authorization }) },
    agent: false,
  });
  const timer = setTimeout(() => request.destroy(proxyFault(url, `gave no tunnel within ${timeout} ms`)), timeout);
  const over = (error: Error | null, socket: Socket | null): void => {
    clearTimeout(timer);
    done(error, socket);
  };
  request.once('connect', (response, socket, head) => {
    if (response.statusCode === 200) {
      if (head.length > 0) socket.unshift(head);
      return over(null, socket as Socket);
    }
    socket.destroy();
    const said = response.statusCode === 407 ? ': it does not accept the credentials in its URL' : '';
    return over(proxyFault(url, `answered ${response.statusCode} when asked for a tunnel${said}`), null);
  });
  request.once('response', (response) => {
    over(proxyFault(url, `answered ${response.statusCode} when asked for a tunnel`), null);
    request.destroy();
  });
  request.on('error', (error) => over(error instanceof CodedError ? error : proxyFault(url, reasonOf(error)), null));
  request.end();
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return `cannot be reached (${error.code ?? error.message})`;
}

function proxyFault({ host }: URL, what: string): CodedError {
  return new CodedError({
    code: 'WEBHOOK_PROXY_FAILED',
    message: `the proxy ${host} ${what}`,
    next: 'check proxy of this destination, its credentials, and what the proxy allows',
  });
}
