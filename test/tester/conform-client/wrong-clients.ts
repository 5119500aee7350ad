/** Clients with mistakes, on plain sockets without code of ixgate. */
import { connect, type Socket } from 'node:net';

export interface Heard {
  messageName: string;
  referenceId: number | null;
}

export interface Talk {
  readonly socket: Socket;
  say(message: object | string): void;
  /** Calls back with each message of the server; an invalid frame has the messageName `garbage`. */
  hear(heard: (message: Heard) => void): void;
}

export type Behaviour = (talk: Talk) => void;

export const request = (referenceId: number, more: object = {}) => ({
  messageName: 'RequestRegisterClient',
  referenceId,
  clientName: 'desk-1',
  clientType: 'AgentApplication',
  ...more,
});
export const login = { messageName: 'RequestAgentLogin', referenceId: 2 };

/**
 * A client that behaves so on every connection, and comes back whenever one has ended.
 * @param after milliseconds until it comes back; null for never.
 * @returns ends it.
 */
export function wrongClient(
  port: number,
  behave: Behaviour,
  after: number | null = 20,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let socket: Socket | undefined;
  let isOver = false;
  const come = () => {
    const made = connect({ port, host: '127.0.0.1', noDelay: true });
    socket = made;
    made.on('error', () => {});
    made.on('close', () => {
      if (!isOver && after !== null) timer = setTimeout(come, after);
    });
    made.on('connect', () => behave(talkOn(made)));
    made.resume();
  };
  come();
  return () => {
    isOver = true;
    clearTimeout(timer);
    socket?.destroy();
  };
}

function talkOn(socket: Socket): Talk {
  return {
    socket,
    say: (message) =>
      void socket.write(typeof message === 'string' ? message : `${JSON.stringify(message)}\n`),
    hear(heard) {
      let rest = '';
      socket.on('data', (chunk) => {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) heard(read(line));
      });
    },
  };
}

function read(line: string): Heard {
  try {
    return JSON.parse(line) as Heard;
  } catch {
    return { messageName: 'garbage', referenceId: null };
  }
}
