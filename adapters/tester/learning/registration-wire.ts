import type { Wire, WireSession } from '../../../machines/engine/kit/wire.js';
import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import type { FigureClients } from '../../../machines/registration/figures/play.js';
import {
  kindOf,
  type ServerInput,
  serverInputNames,
  serverInputs,
} from '../../../machines/registration/sut/inputs.js';
import { answerLimits, type Codec, jsonCodec } from '../../net/wire/index.js';
import { frameFor, messageFor } from '../conform/test-frames.js';

export interface RegistrationWireOptions {
  /** A client that the server accepts, and one that it refuses. @default those of `figureClients` */
  readonly clients?: FigureClients | undefined;
  /** Maximum frame size of the server in bytes; `too-long` exceeds it by one. @default 65536 */
  readonly longestFrame?: number | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
}

/** Maximum frame size of a message of the server, in bytes. */
const longestAnswer = 1_048_576;

const learnedInputs = Object.fromEntries(
  serverInputNames
    .filter((input) => kindOf(input) !== 'time')
    .map((input) => [input, `sends ${serverInputs[input]}`]),
);

/**
 * The mapper of the registration. Its outputs are the names of messages, with what is wrong about an answer: `EventAck:unknown-id` answers a
 * request that was not sent, `EventAck:no-id` none, and `EventError:no-code` lacks the code.
 */
export function registrationWire({
  clients,
  longestFrame = 65_536,
  codec = jsonCodec,
}: RegistrationWireOptions = {}): Wire {
  const limits = answerLimits(longestAnswer);
  return {
    inputs: learnedInputs,
    frames: 'text',
    // The registration deadline is 10 s by default.
    timing: { horizon: 12_000 },
    session({ framing }): WireSession {
      const decoder = codec.createDecoder({ framing, limits: () => limits });
      let referenceId = 0;
      return {
        encode(name) {
          const input = name as ServerInput;
          if (kindOf(input) === 'frame') return frameFor(input, framing, longestFrame).bytes;
          referenceId += 1;
          return codec.encode(messageFor(input, referenceId, clients), framing);
        },
        decode(bytes) {
          decoder.push(bytes, 'text');
          const names: string[] = [];
          for (let next = decoder.next(); next !== null; next = decoder.next()) {
            names.push(next.message ? outputOf(next.message, referenceId) : 'unreadable');
          }
          return names;
        },
      };
    },
  };
}

/** @param sent the largest reference id of a request; they begin with 1 */
function outputOf({ messageName, referenceId, errorCode }: WireMessage, sent: number): string {
  if (messageName !== 'EventAck' && messageName !== 'EventError') return messageName;
  const isError = messageName === 'EventError';
  const hasId = referenceId !== undefined && referenceId !== null;
  // An invalid frame has no reference id that an EventError could name.
  if (!hasId && !isError) return `${messageName}:no-id`;
  const isSent = typeof referenceId === 'number' && referenceId >= 1 && referenceId <= sent;
  if (hasId && !isSent) return `${messageName}:unknown-id`;
  return isError && typeof errorCode !== 'number' ? `${messageName}:no-code` : messageName;
}
