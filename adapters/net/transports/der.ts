/** Writing and reading of DER (X.690), as far as certificates need it. */

/** Tags of the types that certificates use. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** The n-th alternative of a choice, with a plain or a constructed value. */
  choice: (n: number) => 0x80 | n,
  constructedChoice: (n: number) => 0xa0 | n,
} as const;

/** A value with its tag and length. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(tags.sequence, ...parts);
}

/** @param dotted e.g. `2.5.4.3` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const number of others) {
    const digits = [number & 0x7f];
    for (let rest = number >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f));
    bytes.push(...digits);
  }
  return der(tags.objectId, Buffer.from(bytes));
}

/** A time in UTC: with two digits of the year until 2049, as RFC 5280 requires. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  const isShort = date.getUTCFullYear() < 2050;
  const text = isShort ? digits.slice(2) : digits;
  return der(isShort ? tags.utcTime : tags.generalizedTime, Buffer.from(text));
}

/** The values inside a constructed value, each with its tag and length. */
export function partsOf(constructed: Uint8Array): Buffer[] {
  const parts: Buffer[] = [];
  const { start, end } = contentOf(Buffer.from(constructed), 0);
  for (let at = start; at < end; ) {
    const part = contentOf(Buffer.from(constructed), at);
    parts.push(Buffer.from(constructed.subarray(at, part.end)));
    at = part.end;
  }
  return parts;
}

function contentOf(bytes: Buffer, at: number): { start: number; end: number } {
  const length = bytes[at + 1] ?? 0;
  const start = at + 2;
  if (length < 0x80) return { start, end: start + length };
  const digits = length & 0x7f;
  return { start: start + digits, end: start + digits + bytes.readUIntBE(start, digits) };
}
