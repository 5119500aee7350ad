import { inMilliseconds as ms } from '../../../machines/registration/figures/observed.js';
import { abridged } from '../../../machines/text/format.js';
import { UpgradeRefusedError } from '../../net/transports/attempt.js';
import type { Connection } from '../../net/transports/index.js';
import { answerLimits, type Decoded, jsonCodec } from '../../net/wire/index.js';
import { NotReachableError, NotTestableError } from '../errors.js';
import { endpointTarget, type FigureTarget } from '../target.js';
import type { PlayCaseOptions } from './options.js';
import { messageFor } from './test-frames.js';

/** Number of bytes after which a response is a flood. */
const floodSize = 262_144;
/** Milliseconds: how long the probe watches for a flood, and how soon a close counts as immediate. */
const shortWait = 100;

/** The response to one message, as much of it as identifies the server. */
interface ProbeResponse {
  readonly bytes: Buffer;
  readonly received: number;
  readonly closedAt: number | null;
  readonly sent: Buffer;
  /** Whether the first frame is invalid. */
  readonly isInvalid: boolean;
}

/**
 * Checks with one message on one connection whether a server can be tested. A server that speaks the protocol with mistakes can: the
 * cases find its mistakes.
 * @throws {NotTestableError} for a server of another protocol, {NotReachableError}.
 */
export async function probeServer(target: FigureTarget, options: PlayCaseOptions): Promise<void> {
  const answer = await probe(target, options, true);
  const problem = problemOf(answer, target);
  if (problem) throw new NotTestableError(target.name, problem);
  if (answer.received > 0 || answer.closedAt === null) return;
  if (await speaksTls(target, options)) throw new NotTestableError(target.name, tls(target));
  const idle = await probe(target, { ...options, responseTimeout: shortWait }, false);
  if (idle.received === 0 && idle.closedAt !== null) {
    const problem = `it accepts connections and closes them at once, without a message (after ${ms(idle.closedAt)})`;
    throw new NotTestableError(target.name, problem);
  }
}

function problemOf(
  { bytes, received, sent, isInvalid }: ProbeResponse,
  target: FigureTarget,
): string | null {
  if (received === 0) return null;
  const text = bytes.toString('latin1');
  if (sent.length > 0 && bytes.subarray(0, sent.length).equals(sent))
    return 'it echoes its input, like an echo server';
  if (text.startsWith('HTTP/')) return 'it answers like an HTTP server';
  if (/^SSH-/.test(text)) return 'it answers like an SSH server';
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3) return tls(target);
  if (received > floodSize) return 'it sends endless data, whatever the request';
  return isInvalid ? `it sends invalid messages: ${abridged(text)}` : null;
}

async function probe(
  target: FigureTarget,
  options: PlayCaseOptions,
  sendsMessage: boolean,
): Promise<ProbeResponse> {
  const { responseTimeout = 2_000, codec = jsonCodec, signal } = options;
  const connection = await opened(target, options);
  const sent = sendsMessage
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
    let timer = setTimeout(resolve, responseTimeout);
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
        // The rest of the first frame may still come. Much data within a short time is a flood.
        if (received === 0) {
          clearTimeout(timer);
          timer = setTimeout(resolve, Math.min(shortWait, responseTimeout));
        }
        received += chunk.length;
        if (received > floodSize) {
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
    if (sendsMessage) connection.write(sent);
  });
  connection.destroy();
  signal?.throwIfAborted();
  const isInvalid = (first as Decoded | null)?.fault !== undefined;
  return { bytes: Buffer.concat(chunks), received, closedAt, sent, isInvalid };
}

/** Whether a server that closes plain connections without a message expects a TLS handshake. */
async function speaksTls({ name }: FigureTarget, options: PlayCaseOptions): Promise<boolean> {
  const secure = /^tcp:|^ws:/.test(name) ? name.replace(/^\w+/, 'tls') : null;
  if (secure === null) return false;
  try {
    const { connectTimeout: timeout = 5_000 } = options;
    const where = new URL(secure).host;
    const target = endpointTarget(`tls://${where}`, { insecure: true });
    (await target.open({ timeout, maxFrame: floodSize })).destroy();
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
    return await target.open({ timeout: connectTimeout, maxFrame: floodSize });
  } catch (error) {
    if (!(error instanceof NotReachableError)) throw error;
    const problem = connectProblem(error.cause);
    if (problem) throw new NotTestableError(target.name, problem, error);
    const { code } = error.cause as NodeJS.ErrnoException;
    if (code === 'ECONNRESET' && (await speaksTls(target, options)))
      throw new NotTestableError(target.name, tls(target), error);
    throw error;
  }
}

/** What a failed connect reveals about the server. */
function connectProblem(cause: unknown): string | null {
  if (cause instanceof UpgradeRefusedError)
    return `it is an HTTP server that accepts no WebSocket at this path (status ${cause.status})`;
  const { code = '', message = '' } = cause as NodeJS.ErrnoException;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) return 'it does not speak TLS';
  if (code.startsWith('HPE_')) return 'it does not speak HTTP, so WebSocket is impossible';
  if (/EPROTO/.test(code) && /wrong version number|packet length/.test(message))
    return 'it does not speak TLS';
  return null;
}
