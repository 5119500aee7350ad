/** A gate with `/xstate` on a separate port, and viewers with the genuine receiver of @xstate/inspect. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createWebSocketReceiver,
  type ParsedReceiverEvent,
} from '@ixgate/xstate-inspector/receiver';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import type { GateServer } from '../../adapters/server/index.js';
import {
  createInspectBridge,
  type InspectBridge,
  type InspectNews,
  type InspectOptions,
} from '../../adapters/xstate-inspector/index.js';

const disposals: (() => unknown)[] = [];

/** Call once at the top of a test file. */
export function closeInspectorsAfterEach(): void {
  afterEach(async () => {
    for (const dispose of disposals.splice(0).reverse()) await dispose();
  });
}

export interface Inspected {
  readonly bridge: InspectBridge;
  readonly port: number;
  readonly news: InspectNews[];
}

/** Shows a gate, without the admin's guard. */
export async function inspected(
  gate: GateServer,
  options: Omit<InspectOptions, 'onNews'> = {},
): Promise<Inspected> {
  const news: InspectNews[] = [];
  const bridge = createInspectBridge(gate, { ...options, onNews: (one) => news.push(one) });
  const http = createServer();
  http.on('upgrade', (request, socket, head) => bridge.upgrade(request, socket, head));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  disposals.push(() => {
    bridge.close();
    http.close();
    http.closeAllConnections();
  });
  return { bridge, port: (http.address() as AddressInfo).port, news };
}

/** What the genuine receiver heard, in order, with the way to wait for more. */
export class FollowedReceiver {
  readonly heard: ParsedReceiverEvent[] = [];
  readonly socket: WebSocket;
  readonly #receiver: ReturnType<typeof createWebSocketReceiver>;
  #wake: () => void = () => {};
  /** Resolves with the close code and reason. */
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(server: string) {
    // The package takes the global WebSocket, which Node 20 does not have, and never closes it.
    const before = globalThis.WebSocket;
    const opened: WebSocket[] = [];
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string) {
        super(url);
        opened.push(this);
      }
    } as unknown as typeof globalThis.WebSocket;
    try {
      this.#receiver = createWebSocketReceiver({ server, serialize: undefined });
    } finally {
      globalThis.WebSocket = before;
    }
    [this.socket] = opened as [WebSocket];
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#wake();
      });
    });
    this.#receiver.subscribe((event) => {
      this.heard.push(event);
      this.#wake();
    });
    disposals.push(() => this.socket.terminate());
  }

  /** The next events that `wanted` takes, from the start on; waits until there are `count`. */
  async until(count: number, wanted: (event: ParsedReceiverEvent) => boolean) {
    for (;;) {
      const found = this.heard.filter(wanted);
      if (found.length >= count) return found;
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error('the viewer is closed');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends an event to a session, the way the package's viewers do. */
  inject(session: string, data: { type: string; [key: string]: unknown }): void {
    const event = { name: data.type, data, $$type: 'scxml', type: 'external', origin: session };
    this.#receiver.send({ type: 'xstate.event', event: JSON.stringify(event), service: session });
  }
}

/** A viewer that is connected and has asked for the sessions. */
export async function follow(port: number, path = '/xstate'): Promise<FollowedReceiver> {
  const followed = new FollowedReceiver(`127.0.0.1:${port}${path}`);
  await once(followed.socket, 'open');
  // What was asked before it is done when the pong comes.
  followed.socket.ping();
  await Promise.race([once(followed.socket, 'pong'), followed.closed]);
  return followed;
}

/** What was heard of one session, a line each. */
export function told(events: readonly ParsedReceiverEvent[], session: string): string[] {
  return events
    .filter((event) => event.sessionId === session)
    .map((event) => {
      if (event.type === 'service.event') return `event ${event.event.name}`;
      if (event.type === 'service.stop') return 'stop';
      return `${event.type.replace('service.', '')} ${leaves(event.state.value)}`;
    });
}

function leaves(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(leaves).join('/');
}
