/**
 * May a request go to this address? Asked when dialling, with the address that will be dialled, so that a name that
 * resolves differently the second time gains nothing.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { CodedError } from '../../../../errors/coded-error';
import type { PrivateNetworks } from '../../../options';

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

export interface Guard {
  /** Null if the address may be dialled, otherwise what it is. */
  refuses(address: string): string | null;
  /** Null if a name may be looked up at all, otherwise what it is. */
  refusesName(host: string): string | null;
  /** For `net.connect`: resolves like the system, then asks {@link Guard.refuses}. */
  lookup(hostname: string, options: LookupOptions, done: LookupDone): void;
}

/** @param writtenHost host part of the configured URL, where `as-written` allows it */
export function guardOf(networks: PrivateNetworks, writtenHost: string): Guard {
  const bare = writtenHost.replace(/^\[|\]$/g, '').toLowerCase();
  const ranges = typeof networks === 'string' ? [] : networks.map(rangeOf);
  const trusted = (address: string): boolean => {
    if (networks === 'allow') return true;
    if (networks !== 'as-written') return ranges.some((range) => inRange(address, range));
    return sameAddress(address, bare) || (isLocalName(bare) && kindOf(address) === 'loopback');
  };
  // credentials of the whole machine are handed out there: only who names the very address can mean it
  const meant = (address: string): boolean =>
    ranges.some((range) => range[1] === (range[0].kind() === 'ipv4' ? 32 : 128) && inRange(address, range));
  const refuses = (address: string): string | null => {
    if (isMetadata(address)) return meant(address) ? null : METADATA;
    const kind = kindOf(address);
    return kind === 'unicast' || trusted(address) ? null : kind;
  };
  const refusesName = (host: string): string | null =>
    METADATA_NAMES.has(bareHost(host)) && !METADATA_ADDRESSES.some(meant) ? METADATA : null;
  return {
    refuses,
    refusesName,
    lookup(hostname, options, done) {
      dnsLookup(hostname, { ...options, all: true }, (error, found) => {
        if (error) return done(error, '');
        const open = found.filter((a) => refuses(a.address) === null);
        const [first] = found;
        if (open.length === 0) {
          const address = first?.address ?? '';
          return done(refusal(hostname, address, refuses(address) ?? 'unknown'), '');
        }
        if (options.all) return done(null, open);
        return done(null, open[0]!.address, open[0]!.family);
      });
    },
  };
}

/**
 * The error a refused dial fails with; an address is not a secret, the path of the URL would be.
 * @param kind what the address is, as {@link Guard.refuses} says
 */
export function refusal(host: string, address: string, kind: string): CodedError {
  const next =
    kind === METADATA
      ? `if that service is meant to be asked, set privateNetworks: [${address}] for this destination`
      : 'if the receiver is meant to be inside, set privateNetworks: [its range] for this destination';
  return new CodedError({
    code: 'WEBHOOK_PRIVATE_NETWORK',
    message: `${host} leads to ${address}, a ${kind} address; expected a public one`,
    next,
    facts: { host, address },
  });
}

const METADATA = 'cloud metadata';

/** Where clouds hand out credentials and start-up data to whoever asks from inside. */
const METADATA_ADDRESSES: readonly string[] = [
  // AWS, Azure, Google, OpenStack, Oracle and others; containers and pods of AWS; time and the rest of AWS's local services
  '169.254.169.254',
  '169.254.169.253',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  // Alibaba, Oracle (classic), Azure's host, Tencent
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  '169.254.0.23',
];
const METADATA_SET: ReadonlySet<string> = new Set(
  METADATA_ADDRESSES.map((a) => ipaddr.process(a).toNormalizedString()),
);
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

function isMetadata(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const inner = embedded(address);
  return METADATA_SET.has(ipaddr.process(inner ?? address).toNormalizedString());
}

function kindOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'invalid';
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  // an IPv4 address inside an IPv6 one is judged by what it leads to
  const inner = range === '6to4' || range === 'loopback' || range === 'unspecified' ? null : embedded(address);
  return inner === null ? range : kindOf(inner);
}

/** The IPv4 address inside an IPv6 one (compatible, mapped, NAT64 and its local prefix, 6to4); null when there is none. */
function embedded(address: string): string | null {
  const parsed = ipaddr.parse(address);
  if (!(parsed instanceof ipaddr.IPv6)) return null;
  const bytes = parsed.toByteArray();
  const v4 = (from: number): string => new ipaddr.IPv4(bytes.slice(from, from + 4)).toString();
  if (bytes[0] === 0x20 && bytes[1] === 0x02) return v4(2);
  const hex = Buffer.from(bytes.slice(0, 12)).toString('hex');
  const prefixes = ['0'.repeat(24), `${'0'.repeat(20)}ffff`, '0064ff9b0000000000000000'];
  return prefixes.includes(hex) || hex.startsWith('0064ff9b0001') ? v4(12) : null;
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;

function rangeOf(text: string): Range {
  const withBits = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  try {
    return ipaddr.parseCIDR(withBits);
  } catch (cause) {
    throw new CodedError({
      code: 'WEBHOOK_RANGE',
      message: `privateNetworks has "${text}"; expected an address range such as 10.1.0.0/16`,
      next: 'write allow, deny, as-written, or a list of ranges in CIDR form',
      cause,
    });
  }
}

function inRange(address: string, range: Range): boolean {
  const parsed = ipaddr.process(address);
  return parsed.kind() === range[0].kind() && parsed.match(range as [ipaddr.IPv4, number]);
}

function sameAddress(address: string, written: string): boolean {
  if (!ipaddr.isValid(written)) return false;
  return ipaddr.process(address).toNormalizedString() === ipaddr.process(written).toNormalizedString();
}

function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

function bareHost(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}
