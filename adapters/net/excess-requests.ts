import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

const upgrade = Symbol('upgrade');

/**
 * The option IncomingMessage of an HTTP server that takes upgrades. Node parses all requests of one read, up to 64 KiB, whatever becomes of
 * the first: tens of milliseconds of work. A request in excess is emitted as an upgrade, with `isExcess`: behind an upgrade nothing is
 * parsed.
 * @param isFull whether a connection has as many requests as it may have
 */
export function excessRequests(isFull: (socket: Socket) => boolean): typeof IncomingMessage {
  class Request extends IncomingMessage {
    /** It came although its connection had as many requests as it may have. */
    readonly isExcess: boolean;
    [upgrade]: boolean | null | undefined;

    constructor(socket: Socket) {
      super(socket);
      this.isExcess = isFull(socket);
    }
  }
  // Node sets it when the headers are complete, and reads it to see whether to go on.
  Object.defineProperty(Request.prototype, 'upgrade', {
    get(this: Request) {
      return this.isExcess || this[upgrade];
    },
    set(this: Request, value: boolean | null) {
      this[upgrade] = value;
    },
  });
  return Request;
}

/** Whether a request came although its connection had as many as it may have. */
export function isExcess(request: IncomingMessage): boolean {
  return 'isExcess' in request && request.isExcess === true;
}
