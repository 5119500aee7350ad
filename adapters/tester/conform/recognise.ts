import { abridged, inMilliseconds as ms } from '../../../machines/index.js';
import { UpgradeRefusedError } from '../../net/transports/attempt.js';
import type { Connection } from '../../net/transports/index.js';
import { answerLimits, type Decoded, jsonCodec } from '../../net/wire/index.js';
import { NoSuchServerError, NotReachableError } from '../errors.js';
import { endpointTarget, type FigureTarget } from '../target.js';
import type { PlayCaseOptions } from './options.js';
import { messageFor } from './said.js';

/** Bytes of one answer after which it is a flood. */
const flood = 262_144;
/** How long a flood is watched for after the first frame, and how soon a close is "at once"; milliseconds. */
const moment = 100;

/** What came in answer to one message, until it was clear what it is. */
interface Reaction {
  readonly bytes: Buffer;
  readonly received: number;
  readonly closedAt: number | null;
  readonly said: Buffer;
  /** The first frame is not a message. */
  readonly fault: boolean;
}

/**
 * Looks whether a target can be tested at all: one connection, one message. A server that is only wrong passes; what it does wrong is for
 * the cases to say.
 * @throws {NoSuchServerError} for what speaks something else, {NotReachableError}.
 */
export async function recognise(target: FigureTarget, options: PlayCaseOptions): Promise<void> {
  const asked = await reactionOf(target, options, true);
  const looks = looksOf(asked, target);
  if (looks) throw new NoSuchServerError(target.name, looks);
  if (asked.received > 0 || asked.closedAt === null) return;
  if (await speaksTls(target, options)) throw new NoSuchServerError(target.name, tls(target));
  const unasked = await reactionOf(target, { ...options, patience: moment }, false);
  if (unasked.received === 0 && unasked.closedAt !== null) {
    const problem = `it accepts connections and closes them at once, without a word (after ${ms(unasked.closedAt)})`;
    throw new NoSuchServerError(target.name, problem);
  }
}

function looksOf({ bytes, received, said, fault }: Reaction, target: FigureTarget): string | null {
  if (received === 0) return null;
  const text = bytes.toString('latin1');
  if (said.length > 0 && bytes.subarray(0, said.length).equals(said))
    return 'it sends back what it is sent, like an echo server';
  if (text.startsWith('HTTP/')) return 'it answers like an HTTP server';
  if (/^SSH-/.test(text)) return 'it answers like an SSH server';
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3) return tls(target);
  if (received > flood) return 'it sends without end, whatever it is asked';
  return fault ? `it says what is no message: ${abridged(text)}` : null;
}

async function reactionOf(
  target: FigureTarget,
  options: PlayCaseOptions,
  asks: boolean,
): Promise<Reaction> {
  const { patience = 2_000, codec = jsonCodec, signal } = options;
  const connection = await opened(target, options);
  const said = asks
    ? Buffer.from(codec.encode(messageFor('other', 1), connection.framing))
    : Buffer.alloc(0);
  const since = performance.now();
  const chunks: Uint8Array[] = [];
  const limits = answerLimits(65_536);
  const decoder = codec.createDecoder({ framing: connection.framing, limits: () => limits });
  let first: Decoded | null = null;
  let received = 0;
  let closedAt: number | null = null;
  await new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, patience);
    const over = () => {
      clearTimeout(timer);
      resolve();
    };
    const end = () => {
      closedAt ??= performance.now() - since;
      over();
    };
    signal?.addEventListener('abort', over, { once: true });
    connection.start({
      data(chunk, kind) {
        // The first frame may still be under way; what follows it within a moment tells a flood.
        if (received === 0) {
          clearTimeout(timer);
          timer = setTimeout(resolve, Math.min(moment, patience));
        }
        received += chunk.length;
        if (received > flood) {
          over();
          return;
        }
        chunks.push(chunk);
        if (first) return;
        decoder.push(chunk, kind);
        first = decoder.next();
      },
      end,
      closed: end,
      drain: () => {},
      fault: () => {},
    });
    if (asks) connection.write(said);
  });
  connection.destroy();
  signal?.throwIfAborted();
  const fault = (first as Decoded | null)?.fault !== undefined;
  return { bytes: Buffer.concat(chunks), received, closedAt, said, fault };
}

/** Whether a server that ends plain connections without a word waits for a TLS handshake. */
async function speaksTls({ name }: FigureTarget, options: PlayCaseOptions): Promise<boolean> {
  const secure = /^tcp:|^ws:/.test(name) ? name.replace(/^\w+/, 'tls') : null;
  if (secure === null) return false;
  try {
    const { connectTimeout: timeout = 5_000 } = options;
    const where = new URL(secure).host;
    const target = endpointTarget(`tls://${where}`, { insecure: true });
    (await target.open({ timeout, maxFrame: flood })).destroy();
    return true;
  } catch {
    return false;
  }
}

function tls({ name }: FigureTarget): string {
  return `it speaks TLS: try ${name.startsWith('ws') ? 'wss' : 'tls'}://`;
}

async function opened(target: FigureTarget, options: PlayCaseOptions): Promise<Connection> {
  const { connectTimeout = 5_000 } = options;
  try {
    return await target.open({ timeout: connectTimeout, maxFrame: flood });
  } catch (error) {
    if (!(error instanceof NotReachableError)) throw error;
    const looks = looksOfFailure(error.cause);
    if (looks) throw new NoSuchServerError(target.name, looks, error);
    const { code } = error.cause as NodeJS.ErrnoException;
    if (code === 'ECONNRESET' && (await speaksTls(target, options)))
      throw new NoSuchServerError(target.name, tls(target), error);
    throw error;
  }
}

/** What a connection that could not be set up tells of who is there. */
function looksOfFailure(cause: unknown): string | null {
  if (cause instanceof UpgradeRefusedError)
    return `it is an HTTP server that takes no WebSocket here (status ${cause.status})`;
  const { code = '', message = '' } = cause as NodeJS.ErrnoException;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) return 'it does not speak TLS';
  if (code.startsWith('HPE_')) return 'it does not speak HTTP, and so no WebSocket';
  if (/EPROTO/.test(code) && /wrong version number|packet length/.test(message))
    return 'it does not speak TLS';
  return null;
}
