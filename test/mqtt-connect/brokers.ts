/** MQTT servers for the tests: aedes in this process, mosquitto when it is installed. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { freePort } from '../support/free-port.js';

/** The client that the servers accept. */
export const credentials = { username: 'ixgate', password: 'right' } as const;
export const values = Object.entries(credentials).flatMap(([name, value]) => [
  '--value',
  `${name}=${value}`,
]);

export interface RunningBroker extends AsyncDisposable {
  readonly tcp: string;
}

/**
 * aedes on TCP and WebSocket, with a password.
 * @param connectTimeout milliseconds that it waits for CONNECT. @default longer than any test
 */
export async function startAedes(
  connectTimeout = 60_000,
): Promise<RunningBroker & { readonly ws: string }> {
  const broker = await Aedes.createBroker({
    connectTimeout,
    authenticate: (_client, _username, password, done) =>
      done(null, password?.toString() === credentials.password),
  });
  // Its errors are about what the tests send.
  for (const event of ['clientError', 'connectionError'] as const) broker.on(event, () => {});
  const server = createServer(broker.handle);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sockets = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  await once(sockets, 'listening');
  sockets.on('connection', (socket, request) => {
    broker.handle(createWebSocketStream(socket), request);
  });
  const port = (at: string | AddressInfo | null) => (at as AddressInfo).port;
  return {
    tcp: `tcp://127.0.0.1:${port(server.address())}`,
    ws: `ws://127.0.0.1:${port(sockets.address())}`,
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((resolve) => broker.close(resolve));
      sockets.close();
      server.close();
    },
  };
}

/** The version of an installed program; null without it. */
export function installed(program: string, ...args: readonly string[]): string | null {
  const { stdout, error } = spawnSync(program, args, { encoding: 'utf8' });
  return error ? null : (/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'unknown');
}

/** mosquitto with a password, in a folder of the test. */
export async function startMosquitto(folder: string): Promise<RunningBroker> {
  const port = await freePort();
  const { username, password } = credentials;
  const passwords = join(folder, 'passwords');
  spawnSync('mosquitto_passwd', ['-b', '-c', passwords, username, password]);
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${passwords}`,
    'user root',
  ];
  await writeFile(join(folder, 'mosquitto.conf'), `${lines.join('\n')}\n`);
  const child = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  for await (const text of child.stderr.setEncoding('utf8')) if (/running/.test(text)) break;
  child.stderr.resume();
  return {
    tcp: `tcp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

/** The code blocks of docs/protocols.md in a language. */
export async function codeBlocks(language: string): Promise<string[]> {
  const page = await readFile('docs/protocols.md', 'utf8');
  const found = page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'));
  return [...found].map(([, code = '']) => code);
}
