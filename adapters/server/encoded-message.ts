import { isWireMessage, type WireMessage } from '../../machines/registration/chart/messages.js';
import type { Framing } from '../net/wire/codec.js';
import { OptionError } from '../runtime/errors.js';
import type { ServerSettings } from './options.js';

/** A message for several sessions. It is encoded once for each framing, when the first session needs it. */
export class EncodedMessage {
  readonly message: WireMessage;
  readonly #settings: Pick<ServerSettings, 'codec' | 'textOf'>;
  #stream: string | Uint8Array | null = null;
  #frame: string | Uint8Array | null = null;

  constructor(message: WireMessage, settings: Pick<ServerSettings, 'codec' | 'textOf'>) {
    this.message = message;
    this.#settings = settings;
  }

  /** @throws what the codec throws */
  as(framing: Framing): string | Uint8Array {
    if (framing === 'stream') {
      this.#stream ??= encode(this.message, framing, this.#settings);
      return this.#stream;
    }
    this.#frame ??= encode(this.message, framing, this.#settings);
    return this.#frame;
  }
}

function encode(
  message: WireMessage,
  framing: Framing,
  { codec, textOf }: Pick<ServerSettings, 'codec' | 'textOf'>,
): string | Uint8Array {
  if (!textOf) return codec.encode(message, framing);
  const text = textOf(message, framing);
  // Only ASCII text is written as text; see OutboundWriter.
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text);
}

/** @throws {OptionError} for a value that is not a message. The value is not shown, because it may contain secrets. */
export function checkMessage(message: unknown): void {
  if (isWireMessage(message)) return;
  const kind = message === null ? 'null' : typeof message;
  throw new OptionError('message', kind, 'an object with a messageName that is not empty');
}
