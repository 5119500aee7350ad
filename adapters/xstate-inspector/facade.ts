import { EventEmitter } from 'node:events';

/** One viewer's socket as the package sees it: whatever comes out of it has been looked at before. */
export interface FacadeClient {
  readonly OPEN: number;
  readonly readyState: number;
  send(text: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: string, isBinary: boolean) => void): unknown;
}

/** What the package takes for a WebSocket server. It has one client. */
export interface FacadeServer extends EventEmitter {
  readonly clients: ReadonlySet<FacadeClient>;
  close(): void;
}

/** The façade between the genuine package and one viewer. */
export interface InspectFacade {
  /** For `inspect({ server })`. */
  readonly server: FacadeServer;
  /** Tells the package that the viewer is there. After `inspect`. */
  connect(): void;
  /** Hands on a command of the viewer that has been found to be one. */
  command(command: { readonly type: string }): void;
  /** Ends the package's part. The viewer's socket is not touched, and nothing more is sent. */
  close(): void;
}

/**
 * Made because the genuine server end trusts whoever connects: a frame that is not JSON throws in its listener and ends the
 * process, whatever one viewer says reaches all, and there is no closing of one viewer.
 * @param send hears each text the package has for the viewer.
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
