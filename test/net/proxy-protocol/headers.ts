/** Headers of the PROXY protocol, as proxies send them, and wrong ones. */

export const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

export function line(text: string): Buffer {
  return Buffer.from(`${text}\r\n`, 'latin1');
}

/** A header of version 2. */
export function binary(
  command: number,
  family: number,
  payload: Uint8Array,
  length = payload.length,
): Buffer {
  const fixed = Buffer.of(command, family, length >> 8, length & 0xff);
  return Buffer.concat([signature, fixed, payload]);
}

export const v1 = line('PROXY TCP4 192.0.2.1 198.51.100.1 4711 7004');
const v4 = Buffer.of(192, 0, 2, 1, 198, 51, 100, 1, 4711 >> 8, 4711 & 0xff, 7004 >> 8, 7004 & 0xff);
export const v2 = binary(0x21, 0x11, v4);
const v6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.alloc(16, 1),
  Buffer.of(4711 >> 8, 4711 & 0xff, 0, 1),
]);

const client4 = { remoteAddress: '192.0.2.1', remotePort: 4711 };
const client6 = { remoteAddress: '2001:db8::1', remotePort: 4711 };

/** Headers that are accepted, and the client that each states; null for none. */
export const good: readonly [what: string, header: Buffer, client: object | null][] = [
  ['v1 TCP4', v1, client4],
  ['v1 TCP6', line('PROXY TCP6 2001:db8::1 ::1 4711 7004'), client6],
  ['v1 TCP6 with mapped IPv4', line('PROXY TCP6 ::ffff:192.0.2.1 ::1 4711 7004'), client4],
  ['v1 UNKNOWN', line('PROXY UNKNOWN'), null],
  ['v1 UNKNOWN with addresses', line('PROXY UNKNOWN ffff::1 ffff::2 65535 65535'), null],
  ['v2 TCP4', v2, client4],
  ['v2 TCP6', binary(0x21, 0x21, v6), client6],
  [
    'v2 TCP4 with extensions',
    binary(0x21, 0x11, Buffer.concat([v4, Buffer.alloc(30, 4)])),
    client4,
  ],
  ['v2 of 536 bytes', binary(0x21, 0x11, Buffer.concat([v4, Buffer.alloc(508)])), client4],
  ['v2 LOCAL', binary(0x20, 0x00, Buffer.alloc(0)), null],
  ['v2 LOCAL with an address', binary(0x20, 0x11, v4), null],
  ['v2 LOCAL of an unknown family', binary(0x20, 0x55, Buffer.alloc(3)), null],
  ['v2 UNSPEC', binary(0x21, 0x00, Buffer.alloc(0)), null],
  ['v2 UNIX', binary(0x21, 0x31, Buffer.alloc(216, 0x2f)), null],
];

/** Complete inputs that are refused. */
export const bad: readonly [what: string, header: Buffer][] = [
  ['JSON', Buffer.from('{"messageName":"RequestRegisterClient"}\n')],
  ['an HTTP request', line('GET / HTTP/1.1')],
  ['a TLS hello', Buffer.of(0x16, 3, 1, 2, 0, 1)],
  ['v1 in lower case', line('proxy TCP4 192.0.2.1 198.51.100.1 4711 7004')],
  ['v1 UDP4', line('PROXY UDP4 192.0.2.1 198.51.100.1 4711 7004')],
  ['v1 TCP4 with an IPv6 address', line('PROXY TCP4 2001:db8::1 ::1 4711 7004')],
  ['v1 TCP6 with an IPv4 address', line('PROXY TCP6 192.0.2.1 198.51.100.1 4711 7004')],
  ['v1 with a host name', line('PROXY TCP4 a.example 198.51.100.1 4711 7004')],
  ['v1 with an octal address', line('PROXY TCP4 192.0.02.1 198.51.100.1 4711 7004')],
  ['v1 with port 65536', line('PROXY TCP4 192.0.2.1 198.51.100.1 65536 7004')],
  ['v1 with port 04711', line('PROXY TCP4 192.0.2.1 198.51.100.1 04711 7004')],
  ['v1 with two spaces', line('PROXY TCP4  192.0.2.1 198.51.100.1 4711 7004')],
  ['v1 without a port', line('PROXY TCP4 192.0.2.1 198.51.100.1 4711')],
  ['v1 with a sixth part', line('PROXY TCP4 192.0.2.1 198.51.100.1 4711 7004 x')],
  [
    'v1 with a bare line feed',
    Buffer.from(`PROXY TCP4 192.0.2.1 198.51.100.1 4711 7004\n${' '.repeat(107)}`),
  ],
  ['v1 of 108 bytes', line(`PROXY UNKNOWN ${' '.repeat(92)}`)],
  [
    'v2 with a wrong signature',
    Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\r', 'latin1'), Buffer.alloc(20)]),
  ],
  ['version 3', binary(0x31, 0x11, v4)],
  ['v2 with command 2', binary(0x22, 0x11, v4)],
  ['v2 UDP4', binary(0x21, 0x12, v4)],
  ['v2 of an unknown family', binary(0x21, 0x41, v4)],
  ['v2 whose addresses are cut', binary(0x21, 0x11, v4.subarray(0, 11))],
  ['v2 UNIX whose addresses are cut', binary(0x21, 0x31, Buffer.alloc(215))],
  ['v2 of 537 bytes', binary(0x21, 0x11, Buffer.concat([v4, Buffer.alloc(509)]))],
  ['v2 of 65,551 bytes, by its length alone', binary(0x21, 0x11, Buffer.alloc(0), 65_535)],
];
