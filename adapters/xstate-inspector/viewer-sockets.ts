import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Charge, ViewerGuard, viewerSocketOptions } from '../web/viewer-guard.js';

export interface ViewerSocketsOptions {
  /** Viewers at the same time. */
  readonly maxViewers: number;
  /** A viewer is there. @returns what to do when it has gone. */
  accept(socket: WebSocket, request: IncomingMessage, control: ViewerControl): Leave;
}

export interface ViewerControl {
  /** Takes tokens of the viewer, beside the one for each of its frames. */
  readonly charge: Charge;
  /** Closes the viewer for what it sent. It has gone when this returns. */
  close(code: number, problem: string): void;
}

/** A viewer has gone. `problem` is what it sent, where it was closed for that. */
export type Leave = (problem: string | null) => void;

/** Bytes of a viewer's longest message. */
const longestMessage = 65_536;
/** Frames of one viewer. It asks for the sessions once; everything else that it sends is done by hand. */
const viewerFrames = { perSecond: 20, burst: 100 };

/** Viewers by WebSocket on one path. Who may come has been checked before. */
export class ViewerSockets {
  readonly #options: ViewerSocketsOptions;
  readonly #server = new WebSocketServer(viewerSocketOptions(longestMessage));
  readonly #guard = new ViewerGuard(viewerFrames);
  /** Each viewer with what to do when it goes. */
  readonly #viewers = new Map<WebSocket, Leave>();

  constructor(options: ViewerSocketsOptions) {
    this.#options = options;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#guard.admits(request, socket)) return;
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      const close = (code: number, problem: string) => {
        accepted.close(code, problem);
        this.#leave(accepted, problem);
      };
      const charge = this.#guard.watch(accepted, request, (why) => close(1008, why));
      this.#accept(accepted, request, { charge, close });
    });
  }

  /** Closes every viewer. Nothing is heard of one afterwards. */
  close(): void {
    for (const socket of [...this.#viewers.keys()]) {
      socket.close(1001, 'the gate stops');
      this.#leave(socket);
    }
    this.#server.close();
  }

  #accept(socket: WebSocket, request: IncomingMessage, control: ViewerControl): void {
    // ws answers faults of the protocol itself; without a listener they would end the process.
    socket.on('error', () => {});
    const { maxViewers, accept } = this.#options;
    if (this.#viewers.size >= maxViewers) {
      socket.close(1013, `there are ${maxViewers} viewers already`);
      return;
    }
    this.#viewers.set(socket, accept(socket, request, control));
    socket.once('close', () => this.#leave(socket));
  }

  #leave(socket: WebSocket, problem: string | null = null): void {
    const leave = this.#viewers.get(socket);
    this.#viewers.delete(socket);
    leave?.(problem);
  }
}

/** Bytes that may wait for a viewer; there is no way to catch up later, so a slower one is closed. */
const mostUnsent = 16 * 1_024 * 1_024;

/** Sends a text to a viewer, or lets it go when it is too slow. */
export function sendTo(socket: WebSocket, text: string): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > mostUnsent) socket.close(1013, 'too slow');
  else socket.send(text);
}
