import { EventEmitter } from 'node:events';

/** A viewer's socket for the package; its messages are checked before. */
export interface FacadeClient {
  readonly OPEN: number;
  readonly readyState: number;
  send(text: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: string, isBinary: boolean) => void): unknown;
}

/** A substitute for the package's WebSocket server, with one client. */
export interface FacadeServer extends EventEmitter {
  readonly clients: ReadonlySet<FacadeClient>;
  close(): void;
}

/** The façade between the genuine package and one viewer. */
export interface InspectFacade {
  /** For `inspect({ server })`. */
  readonly server: FacadeServer;
  /** Connects the viewer. Call it after `inspect`. */
  connect(): void;
  /** Forwards a checked command of the viewer. */
  command(command: { readonly type: string }): void;
  /** Disconnects the package. The viewer's socket stays open, and nothing more is sent to it. */
  close(): void;
}

/**
 * Makes a façade, because the genuine server trusts its clients: an invalid frame throws in its listener and ends the process, messages
 * of one viewer reach all viewers, and it cannot close one viewer.
 * @param send called with each text for the viewer.
 */
export function createInspectFacade(send: (text: string) => void): InspectFacade {
  let open = true;
  const incoming = new EventEmitter();
  const client: FacadeClient = {
    OPEN: 1,
    get readyState() {
      return open ? 1 : 3;
    },
    send: (text) => {
      if (open) send(text);
    },
    terminate: () => {
      open = false;
    },
    on: (event, listener) => incoming.on(event, listener),
  };
  const server: FacadeServer = Object.assign(new EventEmitter(), {
    clients: new Set([client]),
    close: () => {
      open = false;
    },
  });
  return {
    server,
    connect: () => void server.emit('connection', client),
    command: (command) => void incoming.emit('message', JSON.stringify(command), false),
    close: () => {
      open = false;
      server.emit('close');
      incoming.removeAllListeners();
      server.removeAllListeners();
    },
  };
}
