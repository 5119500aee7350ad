/** Servers that are wrong on purpose: plain sockets, not a line of ixgate in them. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

interface Said {
  messageName: string;
  referenceId: number;
}

export interface WrongServer {
  /** `tcp://127.0.0.1:port` */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts a server that does `behave` on each connection. */
export async function wrongServer(
  behave: (client: {
    socket: Socket;
    said(hear: (message: Said) => void): void;
    say(message: unknown): void;
  }) => void,
): Promise<WrongServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    behave({
      socket,
      say: (message) => socket.write(`${JSON.stringify(message)}\n`),
      said(hear) {
        let rest = '';
        socket.on('data', (chunk) => {
          const lines = `${rest}${chunk}`.split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) hear(JSON.parse(line) as Said);
        });
      },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `tcp://127.0.0.1:${port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const ack = (referenceId: unknown) => ({ messageName: 'EventAck', referenceId });

export const error = (referenceId: unknown) => ({
  messageName: 'EventError',
  referenceId,
  errorCode: 2,
  errorDescription: 'no',
});
