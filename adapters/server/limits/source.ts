import { firstOf, type IpAddress, parseAddress } from '../../net/addresses/source-set.js';

/** Number of leading bits that make a block of addresses. */
export interface PrefixLengths {
  /** 0 to 32. */
  readonly ipv4: number;
  /** 0 to 64. */
  readonly ipv6: number;
}

/** The source that a connection counts for. Both fields are empty for a connection without an address (the memory transport). */
export interface Source {
  /** The address; for IPv6 its /64, because a single host may have all of it. */
  readonly address: string;
  /** The block of addresses that contains it. */
  readonly prefix: string;
}

const hostBits6 = 64;

/** The source of an address. IPv4 mapped to IPv6 is IPv4. */
export function sourceOf(address: string, { ipv4, ipv6 }: PrefixLengths): Source {
  const parsed = parseAddress(address);
  if (!parsed) return { address: '', prefix: '' };
  return parsed.kind() === 'ipv4'
    ? { address: parsed.toString(), prefix: block(parsed, ipv4) }
    : { address: block(parsed, hostBits6), prefix: block(parsed, ipv6) };
}

function block(address: IpAddress, bits: number): string {
  return `${firstOf(address, bits)}/${bits}`;
}
