import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { type Line, serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { LineClient, registerRequest } from '../support/line-client.js';
import { type GatePorts, type Haproxy, startHaproxy } from './haproxy.js';
import { hasProgram } from './programs.js';

const isThere = await hasProgram('haproxy', ['-v'], 'haproxy');

/** A client of the proxy, with another address than the proxy. */
async function clientFrom(localAddress: string, port: number): Promise<LineClient> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
  await once(socket, 'connect');
  return new LineClient(socket);
}

describe.skipIf(!isThere)('A gate behind HAProxy with deploy/haproxy/haproxy.cfg', () => {
  const opened: AsyncDisposable[] = [];
  let haproxy: Haproxy;
  let gate: Awaited<ReturnType<typeof serving>>;
  let ca: string;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    opened.push(folder);
    const tls = await selfSigned();
    ca = String(tls.ca);
    await writeFile(join(folder.path, 'cert.pem'), tls.cert);
    await writeFile(join(folder.path, 'key.pem'), tls.key);
    const admin = await freePort();
    gate = await serving(
      [
        ...['tcp', 'ws', 'tls'].flatMap((scheme) => ['--listen', `${scheme}://127.0.0.1:0`]),
        ...['--tls-cert', 'cert.pem', '--tls-key', 'key.pem'],
        ...['--trust-proxy', '127.0.0.1', '--proxy-protocol', 'required'],
        ...['--admin', `http://127.0.0.1:${admin}`],
        // The clients are on this machine, whose addresses are exempt by default; and it may be busy.
        ...['--exempt', 'none', '--max-lag', '60s', '--max-unregistered-per-address', '2'],
      ],
      { cwd: folder.path },
    );
    opened.push(gate);
    const [tcp = 0, ws = 0, secure = 0] = gate.endpoints.map((one) =>
      Number(/\d+$/.exec(one)?.[0]),
    );
    const ports: GatePorts = { 7004: tcp, 7005: ws, 7006: secure, 7080: admin };
    // The second gate does not run.
    const none = await freePort();
    haproxy = await startHaproxy([ports, { 7004: none, 7005: none, 7006: none, 7080: none }]);
    opened.push(haproxy);
    await haproxy.until('UP', 'DOWN');
  });
  afterAll(async () => {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  });

  /** The entry of a client in /sessions. */
  async function listed(clientName: string): Promise<Line> {
    const answer = await fetch(`${gate.admin}/sessions`);
    const sessions = ((await answer.json()) as { sessions: Line[] }).sessions;
    return sessions.find((one) => one.clientName === clientName) as Line;
  }

  it('over TCP: the log and /sessions have the address of the client', async () => {
    await using desk = await clientFrom('127.0.0.2', haproxy.tcp);
    const request = registerRequest({ clientName: 'desk-tcp' });
    expect(await desk.ask(request)).toMatchObject({ messageName: 'EventAck' });
    const { localPort } = desk.socket;
    expect(await gate.event('registered')).toMatchObject({
      clientName: 'desk-tcp',
      remoteAddress: '127.0.0.2',
      remotePort: localPort,
    });
    expect(await listed('desk-tcp')).toMatchObject({ remoteAddress: '127.0.0.2' });
  });

  it('over TLS, which ends at the gate', async () => {
    const raw = connect({ port: haproxy.tls, host: '127.0.0.1', localAddress: '127.0.0.3' });
    const socket = connectTls({ socket: raw, servername: 'localhost', ca });
    await once(socket, 'secureConnect');
    await using desk = new LineClient(socket);
    const request = registerRequest({ clientName: 'desk-tls' });
    expect(await desk.ask(request)).toMatchObject({ messageName: 'EventAck' });
    expect(await gate.event('registered')).toMatchObject({ remoteAddress: '127.0.0.3' });
    expect(await listed('desk-tls')).toMatchObject({ remoteAddress: '127.0.0.3' });
  });

  it('over WebSocket', async () => {
    const url = `ws://127.0.0.1:${haproxy.ws}/`;
    const socket = new WebSocket(url, { localAddress: '127.0.0.4' });
    await once(socket, 'open');
    socket.send(JSON.stringify(registerRequest({ clientName: 'desk-ws' })));
    const [answer] = await once(socket, 'message');
    expect(JSON.parse(String(answer))).toMatchObject({ messageName: 'EventAck' });
    expect(await gate.event('registered')).toMatchObject({ remoteAddress: '127.0.0.4' });
    socket.close();
    await once(socket, 'close');
  });

  it('limits hold for each client, not for HAProxy', async () => {
    const rejected = async () =>
      /connections_rejected_total\{reason="per-address"\} (\d+)/.exec(
        await (await fetch(`${gate.admin}/metrics`)).text(),
      )?.[1];
    expect(await rejected()).toBe('0');
    await using _one = await clientFrom('127.0.0.5', haproxy.tcp);
    await using _two = await clientFrom('127.0.0.5', haproxy.tcp);
    await using three = await clientFrom('127.0.0.5', haproxy.tcp);
    expect(await three.next()).toMatchObject({ messageName: 'EventError', errorCode: 6 });
    expect(await three.next()).toBeNull();
    expect(await gate.event('connection-rejected')).toMatchObject({ remoteAddress: '127.0.0.5' });
    expect(await rejected()).toBe('1');
    await using other = await clientFrom('127.0.0.6', haproxy.tcp);
    expect(await other.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });

  it('the health checks of HAProxy cost nothing: no line in the log, no session, no penalty', () => {
    const lines = gate.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const ours = lines.filter(({ remoteAddress }) => remoteAddress === '127.0.0.1');
    expect(ours).toEqual([]);
    expect(lines.filter(({ event }) => event === 'handshake-failed')).toEqual([]);
  });
});
