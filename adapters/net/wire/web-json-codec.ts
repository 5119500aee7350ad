import { jsonCodecOn } from './json-decoders.js';

const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON codec of a browser. Its answers are those of `jsonCodec`. */
export const webJsonCodec = jsonCodecOn({
  isValid(bytes) {
    try {
      strict.decode(bytes);
      return true;
    } catch {
      return false;
    }
  },
  textOf: (bytes) => strict.decode(bytes),
  bytesOf: (text) => encoder.encode(text),
});
