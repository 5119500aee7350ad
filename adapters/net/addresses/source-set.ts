import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** Addresses and blocks of addresses, such as 10.0.0.0/8 or ::1. */
export class SourceSet {
  readonly #blocks: readonly [IpAddress, number][];

  /** @throws {Error} for a text that is neither an address nor a block */
  constructor(texts: readonly string[]) {
    this.#blocks = texts.map(blockFrom);
  }

  has(address: string): boolean {
    if (this.#blocks.length === 0) return false;
    const parsed = parseAddress(address);
    return parsed !== null && this.#blocks.some((one) => matches(parsed, one));
  }
}

/** An address; IPv4 mapped to IPv6 is IPv4. Null for any other text. */
export function parseAddress(address: string): IpAddress | null {
  return ipaddr.isValid(address) ? ipaddr.process(address) : null;
}

/** The first address of the block that an address is in. @param bits prefix length */
export function firstOf(address: IpAddress, bits: number): IpAddress {
  const kept = address.toByteArray().map((byte, index) => {
    const left = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff << (8 - left));
  });
  return ipaddr.fromByteArray(kept);
}

function matches(address: IpAddress, [start, bits]: readonly [IpAddress, number]): boolean {
  return address.kind() === start.kind() && address.match(start, bits);
}

/**
 * The first address as written, and the prefix length, of an address or a block.
 * @throws {Error} for any other text
 */
export function blockFrom(text: string): [IpAddress, number] {
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
function unmapped(block: [IpAddress, number]): [IpAddress, number] {
  const [start, bits] = block;
  const isMapped = start instanceof ipaddr.IPv6 && start.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? [start.toIPv4Address(), bits - 96] : block;
}
