import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ixgate, serving } from '../cli/in-process.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { closeInspectorsAfterEach, follow, told } from './viewers.js';

closeInspectorsAfterEach();

const admin = ['--admin', 'http://127.0.0.1:0'];
const registers = ({ type }: { type: string }) => type === 'service.register';
const portOf = (url: string) => Number(new URL(url).port);

/** The status of an upgrade that is refused, with its text. */
async function refused(url: string, headers: Record<string, string> = {}): Promise<string> {
  const socket = new WebSocket(url, { headers });
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const [body] = (await once(response, 'data')) as [Buffer];
  socket.on('error', () => {});
  socket.terminate();
  return `${response.statusCode} ${body}`;
}

describe('ixgate serve', () => {
  it('shows its sessions on /xstate of the admin port', async () => {
    await using gate = await serving(admin);
    const viewer = await follow(portOf(gate.admin));
    expect(await gate.event('viewer-connected')).toMatchObject({ viewer: 'viewer-1' });
    await using desk = await lineClient(gate.port);
    await desk.ask(registerRequest());
    const [{ sessionId = '' } = {}] = await viewer.until(1, registers);
    await viewer.until(1, (event) => told([event], sessionId)[0] === 'state registered');
    viewer.inject(sessionId, { type: 'Disconnected' });
    expect(await gate.event('injection-refused')).toMatchObject({
      level: 'warn',
      viewer: 'viewer-1',
      session: sessionId,
      injected: 'Disconnected',
      reason: 'the gate runs without --allow-inject',
    });
    viewer.socket.send('no JSON');
    expect(await viewer.closed).toEqual({
      code: 1007,
      reason: 'a frame that is not a JSON object',
    });
    expect(await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 2 })).toEqual({
      messageName: 'EventAck',
      referenceId: 2,
    });
  });

  it('lets viewers send messages as clients with --allow-inject, and logs each of them', async () => {
    await using gate = await serving([...admin, '--allow-inject']);
    await using desk = await lineClient(gate.port);
    const viewer = await follow(portOf(gate.admin));
    const [{ sessionId = '' } = {}] = await viewer.until(1, registers);
    viewer.inject(sessionId, { type: 'RequestRegisterClient', message: registerRequest() });
    expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 1 });
    expect(await gate.event('injected')).toMatchObject({
      level: 'warn',
      session: sessionId,
      injected: 'RequestRegisterClient',
    });
  });

  it('guards /xstate by token, origin and host, like the feed', async () => {
    await using gate = await serving([...admin, '--admin-token', 'a-token-of-this-test']);
    const url = `ws://127.0.0.1:${portOf(gate.admin)}/xstate`;
    const token = '?token=a-token-of-this-test';
    expect(await refused(url)).toBe('401 token required\n');
    expect(await refused(url + token, { origin: 'http://elsewhere.example' })).toBe(
      '403 the origin is not this gate\n',
    );
    expect(await refused(url + token, { host: 'elsewhere.example' })).toMatch(
      /^403 the Host header names another machine; /,
    );
    const viewer = await follow(portOf(gate.admin), `/xstate${token}`);
    expect(viewer.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('ends with its viewers told', async () => {
    await using gate = await serving(admin);
    const viewer = await follow(portOf(gate.admin));
    gate.kill('SIGTERM');
    expect(await viewer.closed).toMatchObject({ code: 1001 });
    const code = await gate.ended;
    expect(code, gate.stderr).toBe(0);
  });
});

it('ixgate serve --help says what the two options do', async () => {
  const { stdout } = await ixgate(['serve', '--help']);
  const text = stdout.replace(/\s+/g, ' ');
  expect(text).toContain(
    '--allow-inject permission for viewers of /xstate to send messages as clients and to disconnect them',
  );
  expect(text).toContain('requires @statelyai/inspect, and internet access for the browser');
});
