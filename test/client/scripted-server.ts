/** A server written with plain sockets and none of the project's code, so that it can misbehave. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { type ClientOptions, createClient, type GateClient } from '../../adapters/client/index.js';

export type Line = Record<string, unknown>;

/** One connection, seen from the server. */
export interface Peer {
  readonly socket: Socket;
  /** 1, 2, 3 ... in the order of accepting. */
  readonly number: number;
  say(...messages: (Line | string)[]): void;
}

/** What the server does with each line it reads. */
export type Script = (line: Line, peer: Peer) => void;

export interface ScriptedServer {
  readonly endpoint: string;
  readonly port: number;
  readonly peers: Peer[];
  /** Every line that was read. */
  readonly heard: Line[];
  /** The most connections that were open at once. */
  readonly most: () => number;
  readonly open: () => number;
  close(): Promise<void>;
}

const servers: ScriptedServer[] = [];
const clients: GateClient[] = [];

/**
 * Listens on a free port until the test ends.
 * @param script null for a server that accepts and never reads.
 */
export async function scripted(
  script: Script | null,
  options: { host?: string; port?: number; accept?: (peer: Peer) => void } = {},
): Promise<ScriptedServer> {
  const peers: Peer[] = [];
  const heard: Line[] = [];
  const sockets = new Set<Socket>();
  let most = 0;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    most = Math.max(most, sockets.size);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const peer: Peer = {
      socket,
      number: peers.length + 1,
      say: (...messages) =>
        socket.write(
          messages.map((m) => (typeof m === 'string' ? m : `${JSON.stringify(m)}\n`)).join(''),
        ),
    };
    peers.push(peer);
    options.accept?.(peer);
    if (script === null) return;
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line) as Line;
        heard.push(message);
        script(message, peer);
      }
    });
  });
  const { host = '127.0.0.1' } = options;
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const it: ScriptedServer = {
    endpoint: `tcp://${host}:${port}`,
    port,
    peers,
    heard,
    most: () => most,
    open: () => sockets.size,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  servers.push(it);
  return it;
}

/** EventAck to a registration; everything else goes to `script`. */
export function granting(script: Script = () => {}): Script {
  return (line, peer) => {
    if (line.messageName === 'RequestRegisterClient') peer.say(ack(line));
    else script(line, peer);
  };
}

export const ack = ({ referenceId }: Line, more: Line = {}): Line => ({
  messageName: 'EventAck',
  referenceId,
  ...more,
});

export const error = (
  { referenceId }: Line,
  errorCode: number,
  errorDescription: string,
): Line => ({
  messageName: 'EventError',
  referenceId,
  errorCode,
  errorDescription,
});

/**
 * A port without a listener, until the test ends. A connection that goes out from it holds it, so that no other test and no other process
 * listens there.
 */
export async function deadPort(): Promise<number> {
  const server = await scripted(null);
  const socket = connect({ port: server.port, host: '127.0.0.1' }).on('error', () => {});
  await once(socket, 'connect');
  return socket.localPort ?? 0;
}

/** A client that is closed after the test, with a journal of what it told. */
export function client(
  endpoints: ClientOptions['endpoints'],
  options: Partial<ClientOptions> = {},
): { client: GateClient; journal: string[] } {
  const made = createClient({
    endpoints,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    reconnect: false,
    ...options,
  });
  clients.push(made);
  const journal: string[] = [];
  made.on('connecting', (endpoint, attempt) =>
    journal.push(`connecting ${new URL(endpoint.replace(/^\w+/, 'http')).port} ${attempt}`),
  );
  made.on('registered', ({ referenceId }) => journal.push(`registered ${referenceId}`));
  made.on('refused', ({ errorCode }) => journal.push(`refused ${errorCode}`));
  made.on('event', ({ messageName }) => journal.push(`event ${messageName}`));
  made.on('disconnected', (reason, problem) =>
    journal.push(`disconnected ${reason} ${codeOf(problem)}`),
  );
  made.on('waiting', (_delay, attempt) => journal.push(`waiting ${attempt}`));
  made.on('stopped', (problem) => journal.push(`stopped ${codeOf(problem)}`));
  return { client: made, journal };
}

/** The stable code of an error, or null. */
export function codeOf(problem: unknown): unknown {
  return (problem as { code?: unknown } | null)?.code ?? null;
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`it resolved with ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
}

/**
 * Call once at the top of a test file: closes what a test opened, and fails it for an unhandled
 * rejection.
 */
export function tidyAfterEach(): void {
  const unhandled: unknown[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((made) => made.close()));
    await Promise.all(servers.splice(0).map((server) => server.close()));
    // Node reports after the microtasks of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (unhandled.length > 0) throw new AggregateError(unhandled.splice(0), 'unhandled rejection');
  });
}
