import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { createServer, invalid, type ServerOptions } from '../../adapters/server/index.js';
import { certificateName } from '../../adapters/validators/index.js';
import { testCertificates } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';
import { Command, ixgate } from './in-process.js';
import { Running } from './ixgate.js';

const who = ['--name', 'desk-1', '--type', 'AgentApplication'];

async function gate(options: ServerOptions = {}) {
  const server = await createServer({
    listen: ['tcp://127.0.0.1:0'],
    validator: ({ clientName }) => (clientName === 'desk-1' ? true : invalid('unknown name')),
    ...options,
  });
  const endpoints = server.endpoints.map(formatEndpoint);
  return {
    server,
    endpoint: endpoints[0] ?? '',
    endpoints,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A server that accepts and says nothing, or this and goodbye. */
async function talking(text?: string) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).resume();
    if (text !== undefined) socket.end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a registration that is granted', () => {
  test('prints the answer and the time it took', async () => {
    await using it = await gate();
    const { code, stdout, stderr } = await ixgate(['register', it.endpoint, ...who]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      new RegExp(
        `^registered at ${it.endpoint} in \\d+ ms: \\{"messageName":"EventAck","referenceId":1\\}\\n$`,
      ),
    );
    expect(code).toBe(0);
  });

  test('is one JSON object for machines', async () => {
    await using it = await gate();
    const { code, stdout } = await ixgate(['register', it.endpoint, ...who, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      outcome: 'registered',
      endpoint: it.endpoint,
      referenceId: 1,
      elapsedMs: expect.any(Number),
      answer: { messageName: 'EventAck', referenceId: 1 },
    });
  });

  test('asks with every attribute that was given', async () => {
    const asked: unknown[] = [];
    await using it = await gate({ validator: (request) => asked.push(request) > 0 });
    const more = ['--media-type', 'chat', '--proxy-client-id', '-7'];
    const extension = ['--extension', 'a=b=c', '--extension', '{"n":1,"deep":{"x":[1]}}'];
    const { code } = await ixgate(['register', it.endpoint, ...who, ...more, ...extension]);
    expect(code).toBe(0);
    expect(asked).toEqual([
      {
        messageName: 'RequestRegisterClient',
        referenceId: 1,
        clientName: 'desk-1',
        clientType: 'AgentApplication',
        mediaType: 'chat',
        proxyClientId: -7,
        extension: { a: 'b=c', n: 1, deep: { x: [1] } },
      },
    ]);
  });

  test('comes from the next endpoint when the first is not there', async () => {
    const gone = await talking();
    await gone[Symbol.asyncDispose]();
    await using it = await gate({ listen: ['ws://127.0.0.1:0'] });
    const { code, stdout } = await ixgate([
      'register',
      gone.endpoint,
      it.endpoint,
      ...who,
      '--json',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ endpoint: it.endpoint });
  });
});

describe('a registration that is not', () => {
  test('refused: code, name and text of the server, exit 3', async () => {
    await using it = await gate();
    const bad = ['--name', 'desk-9', '--type', 'AgentApplication'];
    expect(await ixgate(['register', it.endpoint, ...bad])).toEqual({
      code: 3,
      stdout: '',
      stderr: `ixgate: ${it.endpoint} refused the registration: client is not valid: unknown name (error code 2, invalid-client)\n`,
    });
    const { code, stderr } = await ixgate(['register', it.endpoint, ...bad, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'REGISTRATION_REFUSED',
      endpoint: it.endpoint,
      errorCode: 2,
      errorName: 'invalid-client',
      errorDescription: 'client is not valid: unknown name',
    });
  });

  test('refused with text that a terminal would obey: it is shown, not obeyed, and word for word in JSON', async () => {
    const text = '\u001b]0;owned\u0007 zurück\n\u202e';
    const error = {
      messageName: 'EventError',
      referenceId: 1,
      errorCode: 77,
      errorDescription: text,
    };
    await using it = await talking(`${JSON.stringify(error)}\n`);
    const shown = await ixgate(['register', it.endpoint, ...who]);
    expect(shown.code).toBe(3);
    expect(shown.stderr).toContain('\\u{1b}]0;owned\\u{7} zurück\\u{a}\\u{202e} (error code 77)');
    const { stderr } = await ixgate(['register', it.endpoint, ...who, '--json']);
    expect(JSON.parse(stderr).error).toMatchObject({ errorCode: 77, errorDescription: text });
  });

  test('never answered: exit 4', async () => {
    await using it = await talking();
    expect(await ixgate(['register', it.endpoint, ...who, '--timeout', '150ms'])).toEqual({
      code: 4,
      stdout: '',
      stderr: 'ixgate: RequestRegisterClient (reference id 1) was not answered within 150 ms\n',
    });
  });

  test('not reachable, or not an Interaction Server: exit 5', async () => {
    const gone = await talking();
    await gone[Symbol.asyncDispose]();
    const refused = await ixgate(['register', gone.endpoint, ...who]);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toMatch(
      new RegExp(`^ixgate: ${gone.endpoint} could not be reached: .*ECONNREFUSED`),
    );
    await using web = await talking('HTTP/1.1 400 Bad Request\r\n\r\n');
    const other = await ixgate(['register', web.endpoint, ...who]);
    expect(other.code).toBe(5);
    expect(other.stderr).toContain(`${web.endpoint} sent an invalid frame`);
  });

  test('interrupted: exit 130', async () => {
    await using it = await talking();
    await using running = new Running(['register', it.endpoint, ...who, '--timeout', '1m']);
    await once(it.server, 'connection');
    running.kill('SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.stderr).toBe('ixgate: interrupted by SIGINT\n');
  });
});

describe('--stay', () => {
  test('tells what happens, comes back when the connection is lost, and ends with 0 on SIGTERM', async () => {
    await using it = await gate();
    await using running = new Command(['register', it.endpoint, ...who, '--stay', '--json']);
    expect(await running.event('registered')).toMatchObject({ referenceId: 1 });
    const [first] = it.server.sessions();
    const session = it.server.session(first?.id ?? '');
    session?.send({ messageName: 'EventHello' });
    expect(await running.event('event')).toEqual({
      event: 'event',
      message: { messageName: 'EventHello' },
    });
    session?.disconnect();
    expect(await running.event('disconnected')).toMatchObject({ reason: 'peer-closed' });
    expect(await running.event('waiting')).toMatchObject({ attempt: 1 });
    expect(await running.event('registered')).toMatchObject({ endpoint: it.endpoint });
    running.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(running.stderr).toBe('');
  });

  test('ends with 3 when the registration is refused', async () => {
    await using it = await gate();
    const { code } = await ixgate([
      'register',
      it.endpoint,
      '--name',
      'desk-9',
      '--type',
      'Proxy',
      '--stay',
    ]);
    expect(code).toBe(3);
  });
});

describe('over TLS', () => {
  test('a certificate is checked, unless it is said that it need not be; a client can show its own', async () => {
    const made = await testCertificates();
    const own = await made.client('desk-1');
    await using folder = await temporaryFolder();
    const file = async (name: string, text: string) => {
      const path = join(folder.path, name);
      await writeFile(path, text);
      return path;
    };
    const ca = await file('ca.pem', made.ca);
    const cert = await file('cert.pem', own.cert);
    const key = await file('key.pem', own.key);
    const { cert: serverCert, key: serverKey } = made.server;

    await using open = await gate({
      listen: ['tls://127.0.0.1:0', 'wss://127.0.0.1:0'],
      tls: { cert: serverCert, key: serverKey },
    });
    for (const endpoint of open.endpoints) {
      const unknown = await ixgate(['register', endpoint, ...who]);
      expect(unknown.code).toBe(5);
      expect(unknown.stderr).toContain(`${endpoint} could not be reached: `);
      expect((await ixgate(['register', endpoint, ...who, '--insecure'])).code).toBe(0);
      expect((await ixgate(['register', endpoint, ...who, '--tls-ca', ca])).code).toBe(0);
    }

    await using mutual = await gate({
      listen: ['tls://127.0.0.1:0'],
      tls: { cert: serverCert, key: serverKey, ca: made.ca },
      validator: certificateName(),
    });
    const shown = ['--tls-ca', ca, '--tls-cert', cert, '--tls-key', key];
    expect((await ixgate(['register', mutual.endpoint, ...who, ...shown])).code).toBe(0);
    const other = ['--name', 'desk-2', '--type', 'AgentApplication'];
    const wrong = await ixgate(['register', mutual.endpoint, ...other, ...shown]);
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('the client certificate\'s name (CN) is "desk-1"');
  });
});
