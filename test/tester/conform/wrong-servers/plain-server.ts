/** A correct registration server on plain sockets, without code of ixgate. Subclasses add mistakes. */
import { type AddressInfo, createServer, type Socket } from 'node:net';

export const registrationTimeout = 900;
export const rejectionTimeout = 450;

/** Options for a busy machine: a margin of a third of the shorter deadline, and more than the usual three attempts. */
export const patient = { margin: 150, responseTimeout: 800, attempts: 6 } as const;

export interface Said {
  readonly messageName?: string;
  readonly referenceId?: number;
  readonly clientName?: unknown;
}

/** Milliseconds. */
export interface Deadlines {
  readonly registrationTimeout: number;
  readonly rejectionTimeout: number;
}

/** One connection to it. */
export class PlainSession {
  readonly socket: Socket;
  deadlines: Deadlines = { registrationTimeout, rejectionTimeout };
  isRegistered = false;
  isRefused = false;
  deadline: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  connected(): void {
    this.deadline = setTimeout(() => this.expire(), this.deadlines.registrationTimeout);
  }

  /** A message. */
  heard(message: Said): void {
    const asks = message.messageName === 'RequestRegisterClient';
    if (this.isRegistered) {
      if (asks) this.fail(message, 4);
      else this.say({ messageName: 'EventAck', referenceId: message.referenceId });
    } else if (!asks) this.refuse(message, 1);
    else if (typeof message.clientName !== 'string') this.refuse(message, 3);
    else if (message.clientName === '') this.refuse(message, 2);
    else this.grant(message);
  }

  /** An invalid frame. */
  heardNothing(): void {
    this.fail({}, 5);
    this.hangUp();
  }

  grant({ referenceId }: Said): void {
    this.isRegistered = true;
    this.stopClock();
    this.say({ messageName: 'EventAck', referenceId });
  }

  refuse(message: Said, code: number): void {
    this.fail(message, code);
    if (this.isRefused) return;
    this.isRefused = true;
    this.restartClock();
  }

  fail({ referenceId = undefined }: Said, errorCode: number): void {
    const error = { messageName: 'EventError', errorCode, errorDescription: 'no' };
    this.say({ ...error, referenceId: referenceId ?? null });
  }

  stopClock(): void {
    clearTimeout(this.deadline);
  }

  restartClock(): void {
    this.stopClock();
    this.deadline = setTimeout(() => this.expire(), this.deadlines.rejectionTimeout);
  }

  expire(): void {
    this.hangUp();
  }

  hangUp(): void {
    clearTimeout(this.deadline);
    this.socket.end();
  }

  say(message: object): void {
    if (this.socket.writable) this.socket.write(`${JSON.stringify(message)}\n`);
  }
}

export interface PlainServer extends AsyncDisposable {
  /** `tcp://127.0.0.1:port` */
  readonly endpoint: string;
}

/** Serves every connection with a session of a class. */
export function plainServer(
  Session: new (socket: Socket) => PlainSession,
  deadlines: Deadlines = { registrationTimeout, rejectionTimeout },
): Promise<PlainServer> {
  return socketServer((socket) => {
    const session = new Session(socket);
    session.deadlines = deadlines;
    let rest = '';
    let isOver = false;
    socket.on('close', () => session.stopClock());
    socket.on('data', (chunk) => {
      if (isOver) return;
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const message = line.length > 65_536 ? null : read(line);
        if (message) session.heard(message);
        else {
          isOver = true;
          session.heardNothing();
          return;
        }
      }
    });
    session.connected();
  });
}

/** Does `behave` on each connection. */
export async function socketServer(behave: (socket: Socket) => void): Promise<PlainServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `tcp://127.0.0.1:${port}`,
    [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function read(line: string): Said | null {
  try {
    const message = JSON.parse(line) as Said;
    return typeof message.messageName === 'string' ? message : null;
  } catch {
    return null;
  }
}
