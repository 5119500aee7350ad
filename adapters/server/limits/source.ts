import ipaddr from 'ipaddr.js';

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
  const parsed = parse(address);
  if (!parsed) return { address: '', prefix: '' };
  return parsed.kind() === 'ipv4'
    ? { address: parsed.toString(), prefix: block(parsed, ipv4) }
    : { address: block(parsed, hostBits6), prefix: block(parsed, ipv6) };
}

/** Addresses and blocks of addresses, such as 10.0.0.0/8 or ::1. */
export class SourceSet {
  readonly #blocks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

  /** @throws {Error} for a text that is neither an address nor a block */
  constructor(texts: readonly string[]) {
    this.#blocks = texts.map(blockFrom);
  }

  has(address: string): boolean {
    if (this.#blocks.length === 0) return false;
    const parsed = parse(address);
    return parsed !== null && this.#blocks.some((one) => matches(parsed, one));
  }
}

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return ipaddr.isValid(address) ? ipaddr.process(address) : null;
}

function matches(
  address: ipaddr.IPv4 | ipaddr.IPv6,
  [start, bits]: readonly [ipaddr.IPv4 | ipaddr.IPv6, number],
): boolean {
  return address.kind() === start.kind() && address.match(start, bits);
}

function block(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): string {
  const kept = address.toByteArray().map((byte, index) => {
    const left = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff << (8 - left));
  });
  return `${ipaddr.fromByteArray(kept).toString()}/${bits}`;
}

function blockFrom(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    const [written = ''] = text.split('/');
    // The library also reads "10" and "10.1" as addresses, as inet_aton does; "10/8" would then be 0.0.0.10/8.
    const isIpv4 = ipaddr.IPv4.isValidFourPartDecimal(written);
    if (!isIpv4 && !ipaddr.IPv6.isValid(written)) throw new Error();
    const whole = isIpv4 ? 32 : 128;
    return unmapped(ipaddr.parseCIDR(text === written ? `${text}/${whole}` : text));
  } catch {
    throw new Error(
      `${JSON.stringify(text)} is not an address or block; expected e.g. 127.0.0.1, 10.0.0.0/8 or fd00::/8`,
    );
  }
}

/** A block of mapped IPv4 addresses becomes a block of IPv4, as the addresses that it is compared with. */
function unmapped(block: [ipaddr.IPv4 | ipaddr.IPv6, number]): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [start, bits] = block;
  const isMapped = start instanceof ipaddr.IPv6 && start.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? [start.toIPv4Address(), bits - 96] : block;
}
