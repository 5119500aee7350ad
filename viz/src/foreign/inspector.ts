/** Watches XState 4 services through the genuine receiver of @xstate/inspect. */
import { receiverAddress } from './address.js';
import { type ForeignService, ForeignServices } from './services.js';

export interface ForeignView {
  readonly status: 'connecting' | 'open' | 'lost' | 'unusable';
  /** The problem, for people, or null. */
  readonly problem: string | null;
  readonly services: readonly ForeignService[];
}

/** Milliseconds before each retry; the last value repeats. */
const retries = [500, 1_000, 2_000, 5_000];

/** Minimum milliseconds between two updates. */
const pace = 50;

/**
 * Connects to a process that uses @xstate/inspect on a WebSocket, or to `/xstate` of a gate, and reports its services. It reconnects when
 * the connection is lost. This call loads the receiver and the XState 4 in it.
 * @param url e.g. `ws://localhost:8888`.
 * @returns a function that closes the connection and stops retries.
 */
export function openXStateInspector(
  url: string,
  onUpdate: (view: ForeignView) => void,
): () => void {
  const services = new ForeignServices();
  let status: ForeignView['status'] = 'connecting';
  let problem: string | null = null;
  let closed = false;
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let telling: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;

  const tell = () => {
    clearTimeout(telling);
    telling = undefined;
    if (!closed) onUpdate({ status, problem, services: services.list() });
  };
  const tellSoon = () => {
    telling ??= setTimeout(tell, pace);
  };
  const fail = (text: string) => {
    status = 'unusable';
    problem = text;
    tell();
  };

  const connect = async () => {
    const address = receiverAddress(url);
    if (address === null) {
      fail(`invalid address ${JSON.stringify(url)}: expected e.g. ws://localhost:8888`);
      return;
    }
    const { createWebSocketReceiver } = await import('@ixgate/xstate-inspector/receiver');
    if (closed) return;
    try {
      const [receiver, opened] = withSocket(() =>
        createWebSocketReceiver({ ...address, serialize: undefined }),
      );
      socket = opened;
      receiver.subscribe((event) => {
        services.take(event, Date.now());
        tellSoon();
      });
    } catch (error) {
      fail(`cannot connect: ${(error as Error).message}`);
      return;
    }
    socket.addEventListener('open', () => {
      attempt = 0;
      status = 'open';
      problem = null;
      services.clear();
      tell();
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (closed) return;
      const never = status !== 'open';
      status = 'lost';
      problem = lostText(url, never, code, reason);
      tell();
      const wait = retries[Math.min(attempt, retries.length - 1)];
      attempt += 1;
      retry = setTimeout(() => void connect(), wait);
    });
  };

  void connect();
  return () => {
    closed = true;
    clearTimeout(retry);
    clearTimeout(telling);
    socket?.close();
  };
}

/** The receiver hides its socket and cannot close it, so this function captures the socket while the receiver creates it. */
function withSocket<Receiver>(create: () => Receiver): [Receiver, WebSocket] {
  const Native = globalThis.WebSocket;
  const caught: WebSocket[] = [];
  globalThis.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      caught.push(this);
    }
  };
  try {
    const receiver = create();
    const [socket] = caught;
    if (!socket) throw new Error('the receiver opened no connection');
    return [receiver, socket];
  } finally {
    globalThis.WebSocket = Native;
  }
}

function lostText(url: string, never: boolean, code: number, reason: string): string {
  const why = reason === '' ? '' : ` (${code}: ${reason})`;
  return never
    ? `no answer from ${url}${why}; retrying`
    : `the connection to ${url} was lost${why}; retrying`;
}
