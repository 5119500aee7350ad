import { isUtf8 } from 'node:buffer';
import { jsonCodecOn } from './json-decoders.js';

export { jsonText } from './json-decoders.js';

/** The JSON codec of Node: a message is one flat JSON object, a line on a stream and a text frame on a framed transport. */
export const jsonCodec = jsonCodecOn({
  isValid: isUtf8,
  textOf: (bytes) => asBuffer(bytes).toString(),
  bytesOf: (text) => Buffer.from(text),
});

function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes instanceof Buffer) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
