import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.js';
import { LineClient, registerRequest } from '../support/line-client.js';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { serving } from './in-process.js';
import { serving as servingProcess } from './ixgate.js';

const behindProxy = [
  ...['--trust-proxy', '127.0.0.1', '--proxy-protocol', 'required'],
  // The clients are not exempt, and the machine may be busy.
  ...['--max-lag', '60s'],
];

/** A client behind a proxy of this machine, and the answer to its registration. */
async function registered(port: number, address: string): Promise<unknown> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write(`PROXY TCP4 ${address} 198.51.100.1 4711 7004\r\n`);
  await using client = new LineClient(socket);
  return await client.ask(registerRequest());
}

it('The log has the address that the PROXY protocol states, and what is wrong with a header', async () => {
  await using gate = await serving(behindProxy);
  expect(await registered(gate.port, '192.0.2.1')).toMatchObject({ messageName: 'EventAck' });
  expect(await gate.event('registered')).toMatchObject({
    remoteAddress: '192.0.2.1',
    remotePort: 4711,
  });
  const socket = connect({ port: gate.port, host: '127.0.0.1' });
  socket.end('{"messageName":"RequestRegisterClient","password":"hunter2"}\n');
  expect(await gate.event('handshake-failed')).toMatchObject({
    code: 'BAD_PROXY_HEADER',
    remoteAddress: '127.0.0.1',
  });
  expect(gate.stdout).not.toContain('hunter2');
});

it('Workers read the PROXY protocol too', async () => {
  await using gate = await servingProcess([...behindProxy, '--workers', '2']);
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    expect(await registered(gate.port, address)).toMatchObject({ messageName: 'EventAck' });
    expect(await gate.event('registered')).toMatchObject({ remoteAddress: address });
  }
});

it('The log names the peer that forges X-Forwarded-For, and no header of the request', async () => {
  await using gate = await serving(['--listen', 'ws://127.0.0.1:0']);
  await using client = await RawWebSocket.open(gate.port, {
    'X-Forwarded-For': '192.0.2.1',
    Cookie: 'session=hunter2',
    Authorization: 'Bearer hunter2',
  });
  expect(await gate.event('forged-address')).toMatchObject({
    code: 'UNTRUSTED_PROXY',
    remoteAddress: '127.0.0.1',
  });
  client.socket.destroy();
  await gate.event('disconnected');
  expect(gate.stdout).not.toContain('hunter2');
});

it('Workers share a unix socket; its file is removed when the gate stops', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'ix.sock');
  await using gate = await servingProcess([
    ...['--listen', `unix://${path}`, '--socket-mode', '600', '--workers', '2'],
  ]);
  expect(gate.endpoints).toEqual([`unix://${path}`]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  for (const clientName of ['one', 'two', 'three']) {
    await using client = new LineClient(connect({ path }));
    expect(await client.ask(registerRequest({ clientName }))).toMatchObject({
      messageName: 'EventAck',
    });
  }
  gate.kill('SIGTERM');
  expect(await gate.ended).toBe(0);
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});
