/** Generated frames: any bytes, and mutated valid messages. */
import fc from 'fast-check';
import { registerRequest } from '../support/line-client.js';

/** An attribute as text: its name between quotes, and its value. Either may be invalid JSON. */
type Attribute = readonly [name: string, value: string];

const names = [
  ...['messageName', 'referenceId', 'clientName', 'clientType', 'extension', 'MessageName', ''],
  ...['constructor', 'toString', '__proto__', '\\u005f_proto__', '\\ud800', '\\u0000'],
];
const values = [
  ...['1e400', '-1e400', '-0', '9007199254740993', '-2147483649', '01', '1e', 'NaN', '.5'],
  ...['"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\x"', '"', '"\u0001"', '"\ufeff"', '"😀"'],
  ...['null', 'true', 'nul', '', '{}', '[]', '{', ']', '"RequestRegisterClient"', '"EventAck"'],
  '9'.repeat(400),
  '{"__proto__":{"messageName":"A"}}',
  '['.repeat(40) + ']'.repeat(40),
  `[${'0,'.repeat(300)}0]`,
  `"${'x'.repeat(1_000)}"`,
];
const odd = [
  ...Array.from('\0\n\r",[\\]{} \t', (one) => Buffer.from(one)),
  ...['\ufeff', '\u2028', 'é'].map((one) => Buffer.from(one)),
  ...[[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]].map(Buffer.from),
];

const pick = <Item>(list: readonly Item[], index: number) => list[index % list.length] as Item;

/** Mutations of one attribute of a message. */
const ofAttributes: readonly ((message: Attribute[], at: number, other: number) => void)[] = [
  (message, at) => message.splice(at, 1),
  (message, at, other) => message.push(message[at] as Attribute, pick(message, other)),
  (message, at, other) => {
    const [one, two] = [message[at], pick(message, other)] as [Attribute, Attribute];
    message[other % message.length] = [two[0], one[1]];
    message[at] = [one[0], two[1]];
  },
  (message, at, other) => {
    message[at] = [pick(names, other), message[at]?.[1] ?? ''];
  },
  (message, at, other) => {
    message[at] = [message[at]?.[0] ?? '', pick(values, other)];
  },
  (message, at, other) => {
    const [name, value] = message[at] as Attribute;
    const levels = 1 + (other % 34);
    message[at] = [name, '{"a":'.repeat(levels) + value + '}'.repeat(levels)];
  },
  (message, at, other) => {
    const [name, value] = message[at] as Attribute;
    message[at] = [name, `[${Array(1 + (other % 300)).fill(value)}]`];
  },
];

/** Mutations of the bytes of a frame. */
const ofBytes: readonly ((before: Buffer, after: Buffer, other: number) => Uint8Array[])[] = [
  (before) => [before],
  (_before, after) => [after],
  (before, after) => [before, after.subarray(1)],
  (before, after, other) => [before, pick(odd, other), after],
  (before, after, other) => [before, pick(odd, other), after.subarray(1)],
  (before, after, other) => [before, after.subarray(0, other), after],
  (before, after, other) => [
    before,
    Buffer.of((after[0] ?? 0) ^ (1 << (other % 8))),
    after.subarray(1),
  ],
];

const valid = [
  registerRequest(),
  registerRequest({ extension: { place: 'p-1', list: [1, 2, { deep: null }] }, proxyClientId: 7 }),
  { messageName: 'RequestAgentLogin', referenceId: 2, place: 'Łódź-東京', on: true },
  { messageName: 'EventAck', referenceId: 1 },
].map((message): Attribute[] =>
  Object.entries(message).map(([name, value]) => [name, JSON.stringify(value)]),
);

const change = fc.tuple(fc.nat(255), fc.nat(1_023), fc.nat(1_023));
const changes = (maxLength: number) => fc.array(change, { maxLength });

/** A valid message with up to three mutations of attributes, then up to two of bytes. */
export const mutatedFrame: fc.Arbitrary<Buffer> = fc
  .tuple(fc.nat(255), changes(3), changes(2))
  .map(([which, structural, bytewise]) => {
    const message = [...pick(valid, which)];
    for (const [kind, at, other] of structural) {
      if (message.length > 0) pick(ofAttributes, kind)(message, at % message.length, other);
    }
    const text = `{${message.map(([name, value]) => `"${name}":${value}`)}}`;
    return bytewise.reduce((frame, [kind, at, other]) => {
      const cut = at % (frame.length + 1);
      const act = pick(ofBytes, kind);
      return Buffer.concat(act(frame.subarray(0, cut), frame.subarray(cut), other));
    }, Buffer.from(text));
  });

/** Any bytes, texts of characters with a meaning in JSON, or any JSON. */
export const anyFrame: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .string({ unit: fc.constantFrom(...'{}[]",:\\u0e1-. \n\r\tA'), maxLength: 60 })
    .map((text) => Buffer.from(text)),
  fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
);
