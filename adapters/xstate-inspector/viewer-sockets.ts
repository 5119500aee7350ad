import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Charge, ViewerGuard, viewerSocketOptions } from '../web/viewer-guard.js';

export interface ViewerSocketsOptions {
  /** Maximum number of viewers. */
  readonly maxViewers: number;
  /** A viewer has connected. @returns the callback for its end. */
  accept(socket: WebSocket, request: IncomingMessage, control: ViewerControl): Leave;
}

export interface ViewerControl {
  /** Takes tokens of the viewer in addition to the one for each frame. */
  readonly charge: Charge;
  /** Closes the viewer because of what it sent; its end callback runs before this returns. */
  close(code: number, problem: string): void;
}

/** A viewer has disconnected. `problem` is what it sent, if it was closed for that. */
export type Leave = (problem: string | null) => void;

/** Maximum size of a viewer's message in bytes. */
const longestMessage = 65_536;
/** Rate limit for frames of one viewer. It requests the sessions once; other frames are sent by hand. */
const viewerFrames = { perSecond: 20, burst: 100 };

/** The WebSockets of viewers on one path. Access has been checked before. */
export class ViewerSockets {
  readonly #options: ViewerSocketsOptions;
  readonly #server = new WebSocketServer(viewerSocketOptions(longestMessage));
  readonly #guard = new ViewerGuard(viewerFrames);
  /** The viewers with their end callbacks. */
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

  /** Closes all viewers; their messages are ignored afterwards. */
  close(): void {
    for (const socket of [...this.#viewers.keys()]) {
      socket.close(1001, 'the gate stops');
      this.#leave(socket);
    }
    this.#server.close();
  }

  #accept(socket: WebSocket, request: IncomingMessage, control: ViewerControl): void {
    // ws handles protocol errors; without a listener they would end the process.
    socket.on('error', () => {});
    const { maxViewers, accept } = this.#options;
    if (this.#viewers.size >= maxViewers) {
      socket.close(1013, `${maxViewers} viewers are already connected`);
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

/** Maximum backlog of a viewer in bytes; a slower viewer is closed, because it could not catch up. */
const mostUnsent = 16 * 1_024 * 1_024;

/** Sends a text to a viewer, or closes a viewer that is too slow. */
export function sendTo(socket: WebSocket, text: string): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > mostUnsent) socket.close(1013, 'too slow');
  else socket.send(text);
}
