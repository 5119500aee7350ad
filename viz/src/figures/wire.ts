/** The wire protocol over the browser's WebSocket. */
import {
  type FigureArrow,
  type FigureConnection,
  HeardArrows,
  isWireMessage,
  lifelines,
  type ObservedArrow,
  redactMessage,
  type WireMessage,
} from '../../../machines/index.js';

const [client, server] = lifelines;

/** The page cannot connect to a server. The message is one sentence. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
  readonly code = 'no-server';
}

export interface LiveConnection extends FigureConnection {
  /** Closes the connection; pending reads end with a disconnect. */
  close(): void;
}

/**
 * Connects to a server's WebSocket endpoint.
 * @param patience timeout in milliseconds.
 * @throws {NoServerError}
 */
export async function connectTo(address: string, patience = 5_000): Promise<LiveConnection> {
  const socket = opened(address);
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(reject, patience);
      socket.onopen = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.onclose = reject;
    });
  } catch {
    socket.onopen = socket.onclose = null;
    socket.close();
    throw new NoServerError(`No answer from ${address}. Is a gate running there?`);
  }
  return new SocketConnection(socket);
}

function opened(address: string): WebSocket {
  try {
    const { protocol } = new URL(address);
    if (protocol !== 'ws:' && protocol !== 'wss:') throw new SyntaxError('not a WebSocket');
    return new WebSocket(address);
  } catch {
    const example = 'ws://127.0.0.1:7005';
    throw new NoServerError(
      `Invalid address ${JSON.stringify(address)}: expected a WebSocket address, e.g. ${example}.`,
    );
  }
}

class SocketConnection implements LiveConnection {
  readonly #socket: WebSocket;
  readonly #heard = new HeardArrows();
  readonly #openedAt = performance.now();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ wasClean, code }) => this.#end(wasClean ? null : `code ${code}`);
  }

  get elapsed(): number {
    return performance.now() - this.#openedAt;
  }

  send(kind: FigureArrow['kind'], message?: WireMessage): ObservedArrow {
    if (message) this.#socket.send(JSON.stringify(message));
    return this.#arrow(kind, client, message ?? null);
  }

  next(patience: number): Promise<ObservedArrow | null> {
    return this.#heard.next(patience);
  }

  close(): void {
    if (this.#socket.onclose) this.#end(null);
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
  }

  #hear(data: unknown): void {
    const said = messageIn(data);
    this.#heard.push(
      typeof said === 'string'
        ? { ...this.#arrow('fault', server, null), detail: said }
        : this.#arrow('message', server, said),
    );
  }

  #end(detail: string | null): void {
    this.#heard.push({
      ...this.#arrow('disconnect', server, null),
      ...(detail && { detail: `the connection broke, ${detail}` }),
    });
  }

  #arrow(
    kind: ObservedArrow['kind'],
    from: ObservedArrow['from'],
    said: WireMessage | null,
  ): ObservedArrow {
    return { kind, from, at: this.elapsed, message: said && redactMessage(said) };
  }
}

/** The message in a frame, or the problem, in the words of adapters/wire. */
function messageIn(data: unknown): WireMessage | string {
  if (typeof data !== 'string') return 'the frame is binary; it must be a text frame';
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return 'the frame is not JSON; it must be one JSON object';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'the frame is JSON but not an object; it must be one JSON object';
  }
  return isWireMessage(value)
    ? value
    : 'the message has no messageName; it must be a text that is not empty';
}
