/** A server of lines in this process, and a learner of it: the input `ping` is the line `ping`, each line of the server an output. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { WireSystem, type WireSystemOptions } from '../../adapters/tester/learning/wire-system.js';
import type { Wire, WireSession } from '../../machines/engine/kit/wire.js';
import type { Play, WordStep } from '../../machines/engine/learning/timed-system.js';

export interface PlainServer {
  connected?(socket: Socket, count: number): void;
  /** A line of a client. */
  heard?(line: string, socket: Socket): void;
}

/** A mapper of lines. */
export function lines(parts: Partial<Wire> = {}, session: Partial<WireSession> = {}): Wire {
  return {
    inputs: { ping: 'sends ping', more: 'sends more' },
    session: () => ({
      encode: (input) => Buffer.from(`${input}\n`),
      decode: (bytes) => Buffer.from(bytes).toString().split('\n').slice(0, -1),
      ...session,
    }),
    ...parts,
  };
}

export async function plainSystem(
  { connected, heard }: PlainServer,
  wire: Wire = lines(),
  options: Partial<WireSystemOptions> = {},
) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    connected?.(socket, sockets.size);
    socket.on('data', (data) => {
      for (const line of data.toString().split('\n').slice(0, -1)) heard?.(line, socket);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const system = new WireSystem({
    endpoint,
    mapper: { wire },
    horizon: 600,
    patience: 300,
    ...options,
  });
  return {
    system,
    sockets,
    async [Symbol.asyncDispose]() {
      system[Symbol.dispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Inputs of a word: `ping`, `ping+60` after a pause of 60 ms, `ping=pong` with a known output. */
export function word(...inputs: readonly string[]): WordStep[] {
  return inputs.map((text) => {
    const [, input = '', pause = '0', expected] =
      /^([\w-]+)(?:\+(\d+))?(?:=(.*))?$/.exec(text) ?? [];
    return { input, pause: Number(pause), expected: expected ?? null };
  });
}

/** The inputs of a play with their outputs. */
export function shown({ steps }: Play): string[] {
  return steps.map(({ input, output }) => `${input}: ${output}`);
}
