import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect as connectPath, createServer as createTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../../adapters/client/index.js';
import { parseEndpoint } from '../../../adapters/net/transports/endpoint.js';
import {
  descriptorOf,
  pipePath,
  startListening,
} from '../../../adapters/net/transports/listen-address.js';
import { selfSigned } from '../../../adapters/net/transports/self-signed.js';
import { createServer } from '../../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { lineClient, registerRequest } from '../../support/line-client.js';

closeGatesAfterEach();
const place = { folder: '' };
beforeAll(async () => {
  place.folder = await mkdtemp(join(tmpdir(), 'ix-'));
});
afterAll(() => rm(place.folder, { recursive: true }));
const others: Server[] = [];
afterEach(() => {
  for (const server of others.splice(0)) server.close();
});
const clientType = 'AgentApplication';
let count = 0;
const newPath = () => join(place.folder, `${++count}.sock`);

/** Registers a client of this package. */
async function registeredOver(endpoint: string): Promise<void> {
  const client = createClient({ endpoints: endpoint, clientName: 'desk-1', clientType });
  await client.registered;
  await client.close();
}

describe('A unix socket', () => {
  it('registers clients of the client of this package, and its file is removed on close', async () => {
    const path = newPath();
    const { server } = await openGate({ listen: [`unix://${path}`] });
    expect(server.endpoints).toMatchObject([{ scheme: 'unix', path }]);
    const client = createClient({
      endpoints: `unix://${path}`,
      clientName: 'desk-1',
      clientType,
    });
    await client.registered;
    expect(server.sessions()).toMatchObject([
      { scheme: 'unix', remoteAddress: 'unix', remotePort: 0, clientName: 'desk-1' },
    ]);
    await client.close();
    await server.close();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('replaces the file of a process that was killed', async () => {
    const path = newPath();
    const listens = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('on'))`;
    const child = spawn(process.execPath, ['-e', listens], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await stat(path)).isSocket()).toBe(true);
    await openGate({ listen: [`unix://${path}`] });
    await registeredOver(`unix://${path}`);
  });

  it('leaves a socket on which a process listens, and every other file', async () => {
    const path = newPath();
    const other = createTcp().listen(path);
    others.push(other);
    await once(other, 'listening');
    await expect(openGate({ listen: [`unix://${path}`] })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: `cannot listen on unix://${path}: the path is taken. Stop what listens there, or choose another path`,
    });
    const file = newPath();
    await writeFile(file, 'precious');
    await expect(openGate({ listen: [`unix://${file}`] })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
    });
    expect((await stat(file)).size).toBe(8);
  });

  it('has the mode of socketMode', async () => {
    const path = newPath();
    await openGate({ listen: [`unix://${path}`], socketMode: 0o660 });
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    await expect(openGate({ listen: [], socketMode: 0o1000 })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      option: 'socketMode',
    });
  });

  it('has the mode of socketMode from its first moment', async () => {
    const path = newPath();
    const server = createTcp();
    others.push(server);
    const umask = process.umask(0o022);
    try {
      const listening = startListening(server, parseEndpoint(`unix://${path}`), {
        socketMode: 0o660,
      });
      expect(statSync(path).mode & 0o777).toBe(0o660);
      expect(process.umask()).toBe(0o022);
      await listening;
      expect(statSync(path).mode & 0o777).toBe(0o660);
    } finally {
      process.umask(umask);
    }
  });

  it('can be opened with socketMode in a thread, which cannot set the umask', async () => {
    const path = newPath();
    const code = `import { createServer } from ${JSON.stringify(new URL('../../../dist/adapters/server/index.js', import.meta.url).href)};
    await createServer({ listen: [${JSON.stringify(`unix://${path}`)}], socketMode: 0o660 });
    const { parentPort } = await import('node:worker_threads');
    parentPort.postMessage('open');`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    expect(await once(worker, 'message')).toEqual(['open']);
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    await worker.terminate();
  });

  it('takes the PROXY protocol from its peers where unix is trusted', async () => {
    const path = newPath();
    const { server } = await openGate({
      listen: [`unix://${path}`],
      maxLag: 60_000,
      proxyProtocol: 'required',
      trustProxy: ['unix'],
    });
    const connected = once(server, 'connected');
    const socket = connectPath({ path }).on('error', () => {});
    socket.write('PROXY TCP4 192.0.2.1 198.51.100.1 4711 7004\r\n');
    const [session] = await connected;
    expect(session.info()).toMatchObject({ remoteAddress: '192.0.2.1', remotePort: 4711 });
    socket.destroy();
  });

  it('has a path that the system does not cut', async () => {
    const path = `/tmp/${'x'.repeat(120)}`;
    await expect(openGate({ listen: [`unix://${path}`] })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining('its path has 125 bytes'),
    });
    const client = createClient({
      endpoints: `unix://${path}`,
      clientName: 'a',
      clientType,
      reconnect: false,
    });
    await expect(client.registered).rejects.toMatchObject({
      cause: { message: expect.stringContaining('its path has 125 bytes') },
    });
    await client.close();
  });

  it('is a named pipe on Windows', () => {
    const endpoint = parseEndpoint('unix:////./pipe/ixgate');
    expect(pipePath(endpoint, { platform: 'win32' } as NodeJS.Process)).toBe('\\\\.\\pipe\\ixgate');
  });
});

describe('A listening socket that the process inherits', () => {
  it('is taken over by its descriptor, with any transport', async () => {
    const program = new URL('./inherits.mjs', import.meta.url);
    const bound = createTcp();
    bound.listen(0, '127.0.0.1');
    await once(bound, 'listening');
    const port = (bound.address() as { port: number }).port;
    const child = spawn(process.execPath, [program.pathname], {
      // The descriptor of the socket becomes 3 in the child.
      stdio: [
        'ignore',
        'pipe',
        'inherit',
        (bound as unknown as { _handle: { fd: number } })._handle.fd,
      ],
    });
    const [text] = await once(child.stdout as Readable, 'data');
    expect(JSON.parse(String(text))).toEqual([
      { scheme: 'tcp', host: '127.0.0.1', port, path: '/' },
    ]);
    bound.close();
    await using client = await lineClient(port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    child.kill();
    await once(child, 'exit');
  });

  it('is found among those of systemd by its name, in the process that they were passed to', () => {
    const own = {
      LISTEN_PID: String(process.pid),
      LISTEN_FDS: '2',
      LISTEN_FDNAMES: 'admin:clients',
    };
    expect(descriptorOf('', own)).toBe(3);
    expect(descriptorOf('clients', own)).toBe(4);
    const wrong: [string, NodeJS.ProcessEnv][] = [
      ['other', own],
      ['clients', { ...own, LISTEN_FDS: '1' }],
      ['', { ...own, LISTEN_PID: '1' }],
      ['', {}],
    ];
    for (const [name, env] of wrong) {
      expect(() => descriptorOf(name, env)).toThrow(
        expect.objectContaining({ code: 'BAD_OPTION', option: 'listen' }),
      );
    }
  });

  it('fails to open with the reason when there is none', async () => {
    await expect(openGate({ listen: ['systemd://'] })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining('it passed none'),
    });
    await expect(openGate({ listen: ['fd://999'] })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
    });
  });
});

describe('listen', () => {
  it('opens a listener later, with a name for validators', async () => {
    let seen: unknown;
    const { server } = await openGate({
      listen: [],
      validator: (_request, { listener }) => {
        seen = listener;
        return true;
      },
    });
    const { port } = await server.listen('tcp://127.0.0.1:0', { name: 'inside' });
    expect(server.endpoints).toMatchObject([{ port }]);
    await using client = await lineClient(port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(seen).toBe('inside');
  });

  it('rejects what cannot be listened on, and the gate goes on', async () => {
    const { server, port } = await openGate();
    await expect(server.listen(`tcp://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
    });
    await expect(server.listen('tls://127.0.0.1:0')).rejects.toMatchObject({ option: 'tls' });
    await expect(server.listen('tcp://x')).rejects.toMatchObject({ code: 'BAD_ENDPOINT' });
    await expect(server.listen(undefined as never)).rejects.toMatchObject({ option: 'endpoint' });
    await expect(server.listen('tcp://127.0.0.1:0', { nam: '' } as never)).rejects.toMatchObject({
      code: 'UNKNOWN_OPTION',
      nearest: 'name',
    });
    await expect(
      server.listen('tcp://127.0.0.1:0', { proxyProtocol: 'required' }),
    ).rejects.toMatchObject({ option: 'proxyProtocol' });
    await using client = await lineClient(port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await server.close();
    await expect(server.listen('tcp://127.0.0.1:0')).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining('the server is closed'),
    });
  });

  it('requires the PROXY protocol for one listener', async () => {
    const { server, port } = await openGate({ trustProxy: ['127.0.0.1'] });
    const behind = await server.listen('tcp://127.0.0.1:0', { proxyProtocol: 'required' });
    await using direct = await lineClient(port);
    expect(await direct.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await using proxied = await lineClient(behind.port);
    expect(await proxied.ask(registerRequest())).toBeNull();
  });

  it('closes the listener when its signal is aborted; its clients stay', async () => {
    const { server } = await openGate({ listen: [] });
    const abort = new AbortController();
    const { port } = await server.listen('tcp://127.0.0.1:0', { signal: abort.signal });
    await using client = await lineClient(port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    abort.abort();
    await expect.poll(() => server.endpoints).toEqual([]);
    expect(server.sessions()).toHaveLength(1);
    await expect(
      server.listen('tcp://127.0.0.1:0', { signal: AbortSignal.abort(new Error('no more')) }),
    ).rejects.toThrow('no more');
    const late = new AbortController();
    const listening = server.listen('tcp://127.0.0.1:0', { signal: late.signal });
    late.abort(new Error('too late'));
    await expect(listening).rejects.toThrow('too late');
    expect(server.endpoints).toEqual([]);
  });
});

describe('The signal of createServer', () => {
  it('closes the gate', async () => {
    const abort = new AbortController();
    const { server, client } = await openGate({ signal: abort.signal });
    await using one = await client();
    expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    abort.abort();
    expect(server.isClosing).toBe(true);
    expect(await one.next()).toMatchObject({ messageName: 'EventError', errorCode: 7 });
    await server.close();
  });

  it('rejects with its reason while the gate opens, which leaves nothing open', async () => {
    const reason = new Error('stopped');
    await expect(createServer({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const path = newPath();
    const opening = createServer({ listen: [`unix://${path}`], signal: abort.signal });
    abort.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(createServer({ signal: 'abort' as never })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      option: 'signal',
    });
  });
});

it('SNICallback chooses the certificate by the name that the client asks for', async () => {
  const [usual, other] = [await selfSigned(), await selfSigned({ hosts: ['b.example'] })];
  const { server, port } = await openGate({
    listen: ['tls://127.0.0.1:0'],
    tls: {
      cert: usual.cert,
      key: usual.key,
      SNICallback: (name, done) =>
        done(null, name === 'b.example' ? createSecureContext(other) : undefined),
    },
  });
  const subject = async (servername: string) => {
    const socket: TLSSocket = connectTls({
      port,
      host: '127.0.0.1',
      servername,
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    const { subjectaltname } = socket.getPeerCertificate();
    socket.destroy();
    return subjectaltname;
  };
  expect(await subject('b.example')).toBe('DNS:b.example');
  expect(await subject('a.example')).toContain('DNS:localhost');
  expect(() =>
    server.reconfigure({ tls: { cert: usual.cert, key: usual.key, SNICallback: () => {} } }),
  ).toThrow(expect.objectContaining({ option: 'tls.SNICallback' }));
});
