/** Every line of a gate fits docs/log-schema.json: `serving` checks that in all tests. Here are the events that others rarely cause. */
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { problemOfLine } from '../support/log-schema.js';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { ixgate, serving } from './in-process.js';
import { type Line, serving as servingProcess } from './ixgate.js';

const token = 'a-token-of-some-length';

const eventsOf = (stdout: string) =>
  new Set(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Line).event),
  );

test('all kinds of traffic, reloads, control and viewers: every line is of the schema', async () => {
  await using folder = await temporaryFolder();
  const put = async (name: string, content: unknown) => {
    const path = join(folder.path, name);
    await writeFile(`${path}.new`, typeof content === 'string' ? content : JSON.stringify(content));
    await rename(`${path}.new`, path);
  };
  const certificate = await selfSigned({ notAfter: new Date(Date.now() + 86_400_000) });
  await put('cert.pem', certificate.cert);
  await put('key.pem', certificate.key);
  const client = (name: string) => ({ clients: [{ name }] });
  await put('clients.json', client('desk-1'));
  await put('ixgate.config.yaml', 'drain: 1s\n');
  const control = `unix://${join(folder.path, 'ctl.sock')}`;
  await using gate = await serving(
    [
      ...['--listen', 'tcp://127.0.0.1:0', '--listen', 'ws://127.0.0.1:0'],
      ...['--listen', 'tls://127.0.0.1:0', '--tls-cert', 'cert.pem', '--tls-key', 'key.pem'],
      ...['--clients', 'clients.json', '--disconnect-removed', '--rejection-timeout', '50ms'],
      ...['--trust-proxy', '192.0.2.1', '--control', control],
      ...['--admin', 'http://127.0.0.1:0', '--admin-token', token],
    ],
    { cwd: folder.path },
  );
  const [, ws, tls] = gate.endpoints.map((endpoint) => Number(new URL(endpoint).port));

  await using registered = await lineClient(gate.port);
  await registered.ask(registerRequest());
  // More than twenty of a kind.
  for (let n = 0; n < 25; n += 1) {
    await using refused = await lineClient(gate.port);
    await refused.ask(registerRequest({ clientName: `desk-${n + 2}` }));
  }
  await using garbage = await lineClient(gate.port);
  garbage.say('GET / HTTP/1.1\r\n\r\n');
  await garbage.ended;
  await using forged = new RawWebSocket(ws ?? 0, { 'X-Forwarded-For': '203.0.113.9' });
  await forged.until(() => forged.head !== '');
  const plain = connect(tls ?? 0, '127.0.0.1').on('error', () => {});
  plain.end('no TLS hello\n');
  await once(plain.resume(), 'close');
  await gate.event('handshake-failed');

  const admin = new URL(gate.admin);
  const viewer = new WebSocket(`ws://${admin.host}/xstate?token=${token}`);
  await once(viewer, 'open');
  const event = JSON.stringify({ name: 'RequestSubmit', origin: 'none' });
  viewer.send(JSON.stringify({ type: 'xstate.event', event }));
  await gate.event('injection-refused');
  viewer.send('text');
  await once(viewer, 'close');
  await gate.event('viewer-disconnected');
  for (const [page, given] of [
    ['sign-in', token],
    ['sign-in', 'wrong'],
    ['sign-out', ''],
  ] as const) {
    const headers = { origin: gate.admin, 'ixgate-token': given };
    await fetch(`${gate.admin}/${page}`, { method: 'POST', headers });
  }

  await put('clients.json', client('desk-2'));
  await gate.event('clients-disconnected');
  await put('clients.json', { clients: 1 });
  await gate.event('clients-reload-failed');
  await put('ixgate.config.yaml', 'drain: 2s\n');
  await gate.event('reloaded');
  await put('ixgate.config.yaml', 'drain: soon\n');
  await gate.event('reload-failed');
  for (const args of [
    ['set', 'maxErrors=3'],
    ['ban', '192.0.2.7'],
    ['unban', '192.0.2.8'],
    ['drain'],
  ]) {
    await ixgate(['ctl', ...args, '--control', control]);
  }
  await using rejected = await lineClient(gate.port);
  await rejected.ended;
  gate.kill('SIGUSR1');
  gate.kill('SIGUSR2');
  gate.kill('SIGTERM');
  await gate.ended;
  const events = eventsOf(gate.stdout);
  for (const name of [
    ...['certificate-expiry', 'listening', 'registered', 'refused', 'disconnected', 'suppressed'],
    ...['connection-rejected', 'handshake-failed', 'forged-address', 'clients-reloaded', 'control'],
    ...['clients-disconnected', 'clients-reload-failed', 'reloaded', 'reload-failed', 'signed-in'],
    ...['sign-in-failed', 'signed-out', 'viewer-connected', 'viewer-disconnected', 'viewer-closed'],
    ...['injection-refused', 'signal-ignored', 'draining', 'stopped'],
  ]) {
    expect([name, events.has(name)]).toEqual([name, true]);
  }
  for (const line of gate.stdout.trimEnd().split('\n')) expect(problemOfLine(line)).toBe(null);
});

test('a crash in the gate and in a worker, and a worker that was killed: every line is of the schema', async () => {
  const crash = 'process.on("SIGUSR2", () => { throw new Error("crash") })';
  const NODE_OPTIONS = `--import=data:text/javascript;base64,${Buffer.from(crash).toString('base64')}`;
  await using gate = await servingProcess(['--workers', '2'], { env: { NODE_OPTIONS } });
  const worker = await (async () => {
    const { readFile } = await import('node:fs/promises');
    const { pid } = gate.child;
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return Number(text.split(' ')[0]);
  })();
  process.kill(worker, 'SIGUSR2');
  expect(await gate.event('worker-crashed')).toMatchObject({ level: 'error' });
  expect(await gate.event('worker-died')).toMatchObject({ worker });
  expect(await gate.event('worker-started')).toMatchObject({ running: 2, deaths: 1 });
  gate.kill('SIGUSR2');
  expect(await gate.event('crashed')).toMatchObject({ level: 'fatal', audit: true });
  expect(await gate.ended).toBe(1);
});

test('lines that a slow reader of stdout did not take are counted when it reads again', async () => {
  await using gate = await servingProcess(['--max-unregistered-per-address', '100000']);
  gate.child.stdout?.pause();
  // A line has about 300 bytes; the pipe takes 64 KiB, the backlog 1 MiB.
  const name = 'x'.repeat(250);
  for (let n = 0; n < 1_500; n += 1) {
    await using client = await lineClient(gate.port);
    await client.ask(registerRequest({ clientName: `${n}${name}` }));
  }
  gate.child.stdout?.resume();
  const { dropped } = await gate.event('lines-dropped');
  expect(dropped).toBeGreaterThan(0);
});
