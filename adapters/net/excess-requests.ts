import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

const upgrade = Symbol('upgrade');

/**
 * The option IncomingMessage of an HTTP server that accepts upgrades. Node parses all requests of one read of up to 64 KiB, even when the
 * first ends the connection: tens of milliseconds of work. A request above the limit is emitted as an upgrade with `isExcess`, because Node
 * parses nothing after an upgrade.
 * @param isFull whether a connection has reached its number of requests
 */
export function excessRequests(isFull: (socket: Socket) => boolean): typeof IncomingMessage {
  class Request extends IncomingMessage {
    /** Its connection had reached its number of requests before. */
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

/** Whether a request exceeds the number of requests of its connection. */
export function isExcess(request: IncomingMessage): boolean {
  return 'isExcess' in request && request.isExcess === true;
}
