import { once } from 'node:events';
import { access, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serving } from '../cli/ixgate.js';
import { testCertificates } from '../support/certificates.js';
import { freePort } from '../support/free-port.js';
import { LineClient, registerRequest } from '../support/line-client.js';
import { hasNginx, startNginx } from '../support/nginx.js';

/** Where Debian installs it. */
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';
const isThere = await hasNginx();
const hasStream = await access(streamModule).then(
  () => true,
  () => false,
);
if (!hasStream) console.warn('SKIPPED: nginx has no streams (Debian: libnginx-mod-stream)');
if (process.env.CI && !(isThere && hasStream))
  throw new Error('CI needs nginx (Debian: nginx-light, libnginx-mod-stream)');

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A gate behind a proxy of this machine, whose clients are not exempt. */
async function gateOn(...args: string[]) {
  const gate = await serving([
    ...['--trust-proxy', '127.0.0.1', '--exempt', 'none', '--max-lag', '60s'],
    ...['--max-unregistered-per-address', '2', ...args],
  ]);
  opened.push(gate);
  return gate;
}

const portsOf = (endpoints: readonly string[]) =>
  endpoints.map((endpoint) => /:(\d+)/.exec(endpoint)?.[1] as string);

async function clientFrom(localAddress: string, port: number): Promise<LineClient> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
  await once(socket, 'connect');
  const client = new LineClient(socket);
  opened.push(client);
  return client;
}

describe.skipIf(!hasStream)('A gate behind nginx with deploy/nginx/nginx-stream.conf', () => {
  it('has the address of each client over TCP and WebSocket, in the log and in its limits', async () => {
    const gate = await gateOn(
      ...['--listen', 'tcp://127.0.0.1:0', '--listen', 'ws://127.0.0.1:0'],
      ...['--proxy-protocol', 'required'],
    );
    const [tcp, ws] = portsOf(gate.endpoints);
    const [front, frontWs, none] = [await freePort(), await freePort(), await freePort()];
    const documented = await readFile('deploy/nginx/nginx-stream.conf', 'utf8');
    const conf = documented
      .replace('listen 7004', `listen 127.0.0.1:${front}`)
      .replace('listen 7005', `listen 127.0.0.1:${frontWs}`)
      .replace('10.0.0.11:7004', `127.0.0.1:${tcp}`)
      .replace('10.0.0.11:7005', `127.0.0.1:${ws}`)
      // The second gate is down: nginx passes its clients on to the first.
      .replace(/10\.0\.0\.12:\d+/g, `127.0.0.1:${none}`);
    opened.push(await startNginx(front, () => '', `load_module ${streamModule};\n${conf}`));

    for (const [index, address] of ['127.0.0.2', '127.0.0.3', '127.0.0.4'].entries()) {
      const desk = await clientFrom(address, front);
      const request = registerRequest({ clientName: `desk-${index}` });
      expect(await desk.ask(request)).toMatchObject({ messageName: 'EventAck' });
      expect(await gate.event('registered')).toMatchObject({ remoteAddress: address });
    }
    const socket = new WebSocket(`ws://127.0.0.1:${frontWs}/`, { localAddress: '127.0.0.5' });
    await once(socket, 'open');
    socket.send(JSON.stringify(registerRequest({ clientName: 'desk-ws' })));
    expect(await gate.event('registered')).toMatchObject({ remoteAddress: '127.0.0.5' });
    socket.terminate();

    for (const _ of [1, 2]) await clientFrom('127.0.0.6', front);
    const third = await clientFrom('127.0.0.6', front);
    expect(await third.next()).toMatchObject({ messageName: 'EventError', errorCode: 6 });
    const other = await clientFrom('127.0.0.7', front);
    expect(await other.ask(registerRequest({ clientName: 'desk-7' }))).toMatchObject({
      messageName: 'EventAck',
    });
  });
});

describe.skipIf(!isThere)('A gate behind nginx with deploy/nginx/nginx-http.conf', () => {
  it('has the address of a WebSocket client, whatever the client writes into its headers', async () => {
    const gate = await gateOn('--listen', 'ws://127.0.0.1:0');
    const [ws] = portsOf(gate.endpoints);
    const [front, none] = [await freePort(), await freePort()];
    const { server, ca } = await testCertificates();
    const documented = await readFile('deploy/nginx/nginx-http.conf', 'utf8');
    opened.push(
      await startNginx(front, async (folder) => {
        await writeFile(join(folder, 'cert.pem'), server.cert);
        await writeFile(join(folder, 'key.pem'), server.key);
        return documented
          .replace('listen 443 ssl;', `listen 127.0.0.1:${front} ssl;`)
          .replace('/etc/ssl/gate.example.pem', join(folder, 'cert.pem'))
          .replace('/etc/ssl/gate.example.key', join(folder, 'key.pem'))
          .replace('10.0.0.11:7005', `127.0.0.1:${ws}`)
          .replace('10.0.0.12:7005', `127.0.0.1:${none}`);
      }),
    );
    const socket = new WebSocket(`wss://localhost:${front}/`, {
      ca,
      localAddress: '127.0.0.2',
      headers: { 'X-Forwarded-For': '192.0.2.1', Forwarded: 'for=192.0.2.2' },
    });
    await once(socket, 'open');
    socket.send(JSON.stringify(registerRequest()));
    expect(await gate.event('registered')).toMatchObject({ remoteAddress: '127.0.0.2' });
    expect(gate.stdout).not.toContain('192.0.2.');
    socket.close();
    await once(socket, 'close');
  });
});
