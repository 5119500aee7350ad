/**
 * The header of the PROXY protocol, versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt), with which a proxy states the address of its
 * client before it passes on any data.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { parseAddress } from '../addresses/source-set.js';

/** Maximum length of a header in bytes: the one of version 1 is shorter, and 536 bytes fit into one segment of any network. */
export const maxHeader = 536;
/** Maximum length of a header of version 1, with its line end. */
const maxLine = 107;
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const linePrefix = Buffer.from('PROXY ', 'latin1');
/** Length of the fixed part of version 2. */
const fixedLength = 16;

/** A complete header. */
export interface ProxyHeader {
  /** Length in bytes; data follows. */
  readonly length: number;
  /** The client; null where the proxy states none: its own connections (LOCAL), UNKNOWN, UNSPEC and unix sockets. */
  readonly client: { readonly remoteAddress: string; readonly remotePort: number } | null;
}

/** Why bytes are not a header. */
export interface HeaderProblem {
  readonly problem: string;
}

/**
 * Reads the header at the start of the data.
 * @returns null while more bytes are needed
 */
export function parseProxyHeader(data: Buffer): ProxyHeader | HeaderProblem | null {
  if (startsWith(data, signature)) return data.length < fixedLength ? null : binaryHeader(data);
  if (startsWith(data, linePrefix)) return lineHeader(data);
  return { problem: 'no header of the PROXY protocol' };
}

/** Whether data starts with `expected`, as far as both go. */
function startsWith(data: Buffer, expected: Buffer): boolean {
  const length = Math.min(data.length, expected.length);
  return data.compare(expected, 0, length, 0, length) === 0;
}

/** Version 1: `PROXY TCP4 192.0.2.1 198.51.100.1 4711 7004\r\n`. */
function lineHeader(data: Buffer): ProxyHeader | HeaderProblem | null {
  const end = data.subarray(0, maxLine).indexOf('\r\n');
  if (end < 0) {
    return data.length < maxLine ? null : { problem: `a line of more than ${maxLine} bytes` };
  }
  const length = end + 2;
  const line = data.toString('latin1', 0, end);
  if (/^PROXY UNKNOWN( |$)/.test(line)) return { length, client: null };
  const [, family, source = '', destination = '', port, otherPort] =
    /^PROXY (TCP[46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line) ?? [];
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  const remotePort = portIn(port);
  if (!isAddress(source) || !isAddress(destination)) return { problem: 'an invalid line' };
  if (remotePort === null || portIn(otherPort) === null) return { problem: 'an invalid port' };
  return { length, client: { remoteAddress: normal(source), remotePort } };
}

function portIn(text: string | undefined): number | null {
  if (text === undefined || !/^(0|[1-9]\d*)$/.test(text) || Number(text) > 65_535) return null;
  return Number(text);
}

/** Version 2: signature, version and command, family and protocol, length, addresses, extensions (which are skipped). */
function binaryHeader(data: Buffer): ProxyHeader | HeaderProblem | null {
  const [versionAndCommand = 0, family = 0] = data.subarray(12, 14);
  const version = versionAndCommand >> 4;
  const command = versionAndCommand & 0x0f;
  const length = fixedLength + data.readUInt16BE(14);
  if (version !== 2) return { problem: `version ${version}` };
  if (command > 1) return { problem: `command ${command}` };
  if (length > maxHeader) return { problem: `a header of ${length} bytes; at most ${maxHeader}` };
  const addresses = addressLengths[family];
  if (command === 1 && addresses === undefined) {
    return { problem: `address family and protocol 0x${family.toString(16).padStart(2, '0')}` };
  }
  if (data.length < length) return null;
  if (command === 0 || addresses === undefined) return { length, client: null };
  const rest = length - fixedLength;
  if (rest < addresses) return { problem: `${rest} bytes of addresses; expected ${addresses}` };
  if (family !== tcp4 && family !== tcp6) return { length, client: null };
  const size = family === tcp4 ? 4 : 16;
  const remoteAddress = addressFrom(data.subarray(fixedLength, fixedLength + size));
  const remotePort = data.readUInt16BE(fixedLength + 2 * size);
  return { length, client: { remoteAddress, remotePort } };
}

const tcp4 = 0x11;
const tcp6 = 0x21;
/** Bytes of addresses and ports, by family and protocol: unspecified, TCP over IPv4 and IPv6, a unix stream. */
const addressLengths: Readonly<Record<number, number>> = { 0: 0, [tcp4]: 12, [tcp6]: 36, 49: 216 };

function addressFrom(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(2 * index).toString(16),
  );
  return normal(groups.join(':'));
}

/** An address in its short form; IPv4 mapped to IPv6 as IPv4. */
function normal(address: string): string {
  return parseAddress(address)?.toString() ?? address;
}
