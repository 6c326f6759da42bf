/** Hosts, ports and URLs that lead nowhere, reported before anything is dialled. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Finding } from '../issue';
import { type ConfigTree, error, objectAt, objectOf, type Path, warning } from './tree';

/** Ports of the host servers of every IBM i. */
const SERVERS: Readonly<Record<number, string>> = {
  449: 'port mapper',
  8470: 'central server without TLS',
  8471: 'database server without TLS',
  8472: 'data queue server without TLS',
  8473: 'file server without TLS',
  8474: 'print server without TLS',
  8475: 'remote command server without TLS',
  8476: 'sign-on server without TLS',
  9470: 'central server with TLS',
  9471: 'database server with TLS',
  9472: 'data queue server with TLS',
  9473: 'file server with TLS',
  9474: 'print server with TLS',
  9475: 'remote command server with TLS',
  9476: 'sign-on server with TLS',
};

export function addressChecks(tree: ConfigTree): Finding[] {
  return [
    ...partitionChecks(objectOf(tree['partition'])),
    ...httpChecks(objectOf(tree['http'])),
    ...Object.entries(objectOf(tree['destinations'])).flatMap(([name, value]) => {
      const webhook = objectOf(objectOf(value)['webhook']);
      return webhookChecks(webhook, ['destinations', name, 'webhook']);
    }),
  ];
}

function partitionChecks(partition: ConfigTree): Finding[] {
  const clear = partition['tls'] === 'off' || partition['tls'] === false;
  const findings = [
    ...hostFindings(partition['host'], ['partition', 'host']),
    ...portFindings(partition['port'], ['partition', 'port'], 'database server', clear),
    ...portFindings(partition['signonPort'], ['partition', 'signonPort'], 'sign-on server', clear),
    ...portFindings(partition['commandPort'], ['partition', 'commandPort'], 'remote command server', clear),
  ];
  const { transport } = partition;
  const fingerprint = objectOf(partition['tls'])['fingerprint'];
  if ((transport === 'jt400' || transport === 'odbc') && fingerprint != null) {
    const expected = `expected transport: hostserver, or ca in its place: ${transport} cannot check a pin`;
    findings.push(error('CFG_TLS', ['partition', 'tls', 'fingerprint'], 'key', 'fingerprint', expected));
  }
  return findings;
}

function portFindings(port: unknown, path: Path, wanted: string, clear: boolean): Finding[] {
  const server = typeof port === 'number' ? SERVERS[port] : undefined;
  const right = `${wanted} ${clear ? 'without' : 'with'} TLS`;
  if (server === undefined || server === right) return [];
  const number = Object.entries(SERVERS).find(([, name]) => name === right)![0];
  const expected = `expected ${number}, the ${right}: ${port} is the ${server}`;
  return [error('CFG_PORT', path, 'value', String(port), expected)];
}

function hostFindings(host: unknown, path: Path): Finding[] {
  if (typeof host !== 'string' || host === '' || host.includes('${')) return [];
  const bare = /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0 ? bare === host : /^[^\s/:@[\]]+$/.test(host)) return [];
  return [
    error(
      'CFG_ADDRESS',
      path,
      'value',
      JSON.stringify(host),
      'expected a host name or an address alone, without scheme, port or path',
    ),
  ];
}

function httpChecks(http: ConfigTree): Finding[] {
  const { host, token } = http;
  const findings = hostFindings(host, ['http', 'host']);
  if (typeof host === 'string' && findings.length === 0 && token == null && !isLoopback(host)) {
    const expected =
      'expected http.token beside it: whoever reaches this address can read what is captured and how it goes';
    findings.push(warning('CFG_LINT_HTTP', ['http', 'host'], JSON.stringify(host), expected));
  }
  return findings;
}

/** Can only this machine reach a listener there? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
}

function webhookChecks(webhook: ConfigTree, path: Path): Finding[] {
  const { url, proxy, privateNetworks } = webhook;
  const oauth2 = objectAt(webhook, 'auth', 'oauth2');
  const findings = [
    ...urlFindings(url, [...path, 'url'], privateNetworks),
    ...urlFindings(oauth2['tokenUrl'], [...path, 'auth', 'oauth2', 'tokenUrl'], privateNetworks),
  ];
  if (typeof proxy === 'string' && proxy !== 'env' && !proxy.includes('${') && !URL.canParse(proxy)) {
    findings.push(
      error(
        'CFG_ADDRESS',
        [...path, 'proxy'],
        'value',
        '[proxy]',
        'expected a URL such as http://proxy.example.com:3128',
      ),
    );
  }
  if (proxy != null && objectOf(webhook['tls'])['fingerprint'] != null) {
    const expected = 'expected ca in its place: behind a proxy a pin cannot be checked before the request goes out';
    findings.push(error('CFG_TLS', [...path, 'tls', 'fingerprint'], 'key', 'fingerprint beside proxy', expected));
  }
  return findings;
}

/** The URL itself is never shown: whoever knows its path may post to it. */
function urlFindings(text: unknown, path: Path, networks: unknown): Finding[] {
  if (typeof text !== 'string' || !/^https?:\/\//i.test(text) || text.includes('${')) return [];
  const fault = (expected: string): Finding[] => [error('CFG_ADDRESS', path, 'value', '[url]', expected)];
  const origin = /^https?:\/\/[^/?#]*/i.exec(text)![0];
  if (/[{}]/.test(origin)) return fault('expected {{...}} in path or query only: the host is fixed');
  if (!URL.canParse(origin)) return fault('expected a URL with a host and a port up to 65535');
  const url = new URL(origin);
  if (url.username !== '' || url.password !== '')
    return fault('expected no user and password in it: they belong under auth.basic');
  if (text.includes('#')) return fault('expected no #: what stands behind it is never sent');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host) && refusedAddress(host, networks)) {
    return [error('CFG_ADDRESS', path, 'value', host, 'expected an address that privateNetworks lets through')];
  }
  return [];
}

function refusedAddress(host: string, networks: unknown): boolean {
  const address = ipaddr.process(host);
  if (address.range() === 'unicast') return false;
  if (networks === 'deny') return true;
  if (!Array.isArray(networks)) return false;
  return !networks.some((range) => {
    if (typeof range !== 'string') return true;
    if (!ipaddr.isValidCIDR(range))
      return !ipaddr.isValid(range) || ipaddr.process(range).toString() === address.toString();
    const [base, bits] = ipaddr.parseCIDR(range);
    return base.kind() === address.kind() && (address as ipaddr.IPv4).match(base as ipaddr.IPv4, bits);
  });
}
