/**
 * May a request go to this address? Asked when dialling, with the address that will be dialled, so that a name that
 * resolves differently the second time gains nothing.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { CodedError } from '../../../errors/coded-error';
import type { PrivateNetworks } from '../../options';

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

export interface Guard {
  /** Null if the address may be dialled, otherwise what it is. */
  refuses(address: string): string | null;
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
  const refuses = (address: string): string | null => {
    const kind = kindOf(address);
    return kind === 'unicast' || trusted(address) ? null : kind;
  };
  return {
    refuses,
    lookup(hostname, options, done) {
      dnsLookup(hostname, { ...options, all: true }, (error, found) => {
        if (error) return done(error, '');
        const open = found.filter((a) => refuses(a.address) === null);
        if (open.length === 0) return done(refusal(hostname, found[0]?.address ?? ''), '');
        if (options.all) return done(null, open);
        return done(null, open[0]!.address, open[0]!.family);
      });
    },
  };
}

/** The error a refused dial fails with; an address is not a secret, the path of the URL would be. */
export function refusal(host: string, address: string): CodedError {
  return new CodedError({
    code: 'WEBHOOK_PRIVATE_NETWORK',
    family: 'delivery',
    message: `${host} leads to ${address}, a ${kindOf(address)} address; expected a public one`,
    next: 'if the receiver is meant to be inside, set privateNetworks: [its range] for this destination',
    facts: { host, address },
  });
}

function kindOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'invalid';
  const parsed = ipaddr.process(address);
  // an IPv4 address inside an IPv6 one (NAT64, 6to4) is judged by what it leads to
  if (parsed instanceof ipaddr.IPv6 && parsed.range() === 'rfc6052') {
    return kindOf(new ipaddr.IPv4(parsed.toByteArray().slice(12)).toString());
  }
  return parsed.range();
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;

function rangeOf(text: string): Range {
  const withBits = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  try {
    return ipaddr.parseCIDR(withBits);
  } catch (cause) {
    throw new CodedError({
      code: 'WEBHOOK_RANGE',
      family: 'config',
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
