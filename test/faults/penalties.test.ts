import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerOptions } from '../../adapters/server/index.js';
import { serving } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { LineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const refusing = (request: { clientName: string }) => request.clientName !== 'unknown';

/** Three rejections reach the penalty limit, also two seconds apart; the penalty ends four seconds after the last. */
const short = {
  exempt: [],
  // A busy machine must not cause rejections here.
  maxLag: 60_000,
  penaltyRefused: 2_000,
  penaltyMin: 4_100,
  penaltyMax: 4_100,
} satisfies ServerOptions;

/** A client from this source address. */
async function clientFrom(localAddress: string, port: number): Promise<LineClient> {
  const socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true });
  await once(socket, 'connect');
  return new LineClient(socket);
}

/** The answer to a client that registers as `clientName` and disconnects. */
async function asked(localAddress: string, port: number, clientName = 'desk-1') {
  await using client = await clientFrom(localAddress, port);
  const answer = await client.ask(registerRequest({ clientName }));
  client.socket.end();
  await client.ended;
  return answer;
}

const refused = { messageName: 'EventError', errorCode: 2 };
const rejected = {
  messageName: 'EventError',
  referenceId: null,
  errorCode: 6,
  errorDescription: 'the address has a penalty',
};

/** Three rejections on separate connections, because a penalty depends on how a connection ended. */
async function offend(localAddress: string, port: number) {
  for (let time = 0; time < 3; time += 1) {
    expect(await asked(localAddress, port, 'unknown')).toMatchObject(refused);
  }
}

describe('T33: penalties, on real sockets', () => {
  it('T33: an address whose clients are refused three times is rejected with the remaining time, and later accepted again', async () => {
    // Halved by the session registered from that address.
    const { server, port } = await openGate({
      ...short,
      penaltyRefused: 4_000,
      validator: refusing,
    });
    await using before = await clientFrom('127.0.0.5', port);
    expect(await before.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await offend('127.0.0.5', port);
    await expect.poll(() => server.counts().outcomes.refused).toBe(3);
    const begun = performance.now();

    const answer = await asked('127.0.0.5', port);
    expect(answer).toMatchObject(rejected);
    expect(answer?.retryAfter).toBeGreaterThan(0);
    expect(answer?.retryAfter).toBeLessThanOrEqual(4_100);
    // Other addresses are accepted, and clients registered from this one stay.
    expect(await asked('127.0.0.6', port)).toMatchObject({ messageName: 'EventAck' });
    expect(await before.ask(registerRequest())).toMatchObject({ errorCode: 4 });

    // A rejection adds no penalty: it ends at the same time.
    await expect
      .poll(() => asked('127.0.0.5', port), { interval: 200 })
      .toMatchObject({ messageName: 'EventAck' });
    expect(performance.now() - begun).toBeGreaterThan(Number(answer?.retryAfter) - 100);
    expect(server.counts().rejected.penalty).toBeGreaterThan(0);
    expect(server.counts().limits.penaltyMin).toBe(server.counts().rejected.penalty);
  });

  it('T33: they survive a reload, which also changes the exempt addresses', async () => {
    const long = { ...short, penaltyRefused: 300_000, penaltyMin: 600_000, penaltyMax: 600_000 };
    const { server, port } = await openGate({ ...long, validator: refusing });
    await offend('127.0.0.5', port);
    await expect.poll(() => server.counts().outcomes.refused).toBe(3);
    expect(await asked('127.0.0.5', port)).toMatchObject(rejected);
    server.reconfigure({ ...long, validator: refusing, maxErrors: 3, penaltySilent: 5_000 });
    expect(await asked('127.0.0.5', port)).toMatchObject(rejected);
    server.reconfigure({ ...long, validator: refusing, exempt: ['127.0.0.5'] });
    expect(await asked('127.0.0.5', port)).toMatchObject({ messageName: 'EventAck' });
    server.reconfigure({ exempt: [] });
    expect(await asked('127.0.0.5', port)).toMatchObject(rejected);
  });

  it('T33: they survive SIGHUP of ixgate serve', async () => {
    await using folder = await temporaryFolder();
    const config = join(folder.path, 'gate.json');
    const clients = join(folder.path, 'clients.json');
    await writeFile(clients, '{"clients":[{"name":"desk-1"}]}');
    const penalties = { penaltyRefused: '5m', penaltyMin: '10m', penaltyMax: '10m', maxLag: '1m' };
    const written = (more: object) =>
      writeFile(config, JSON.stringify({ clients, exempt: ['none'], ...penalties, ...more }));
    await written({});
    await using gate = await serving(['--config', config]);
    await offend('127.0.0.5', gate.port);
    await expect.poll(() => asked('127.0.0.5', gate.port)).toMatchObject(rejected);
    await written({ maxErrors: 3 });
    gate.kill('SIGHUP');
    await gate.event('reloaded');
    expect(await asked('127.0.0.5', gate.port)).toMatchObject(rejected);
    expect(await asked('127.0.0.6', gate.port)).toMatchObject({ messageName: 'EventAck' });
  });

  it('T33: connect-and-reset gets them from the eleventh of a flood on, registering gets none', async () => {
    const { server, port } = await openGate({
      ...short,
      penaltySilent: 300_000,
      penaltyMin: 600_000,
      penaltyMax: 600_000,
    });
    for (let time = 0; time < 3; time += 1) {
      expect(await asked('127.0.0.6', port)).toMatchObject({ messageName: 'EventAck' });
    }
    await expect.poll(() => server.counts().open).toBe(0);
    let resets = 0;
    while (server.counts().rejected.penalty === 0 && resets < 100) {
      const client = await clientFrom('127.0.0.5', port);
      const came = () => server.counts().accepted + server.counts().rejected.penalty;
      await expect.poll(came, { interval: 1 }).toBe(3 + resets + 1);
      client.socket.resetAndDestroy();
      await expect.poll(() => server.counts().open, { interval: 1 }).toBe(0);
      resets += 1;
    }
    // A burst of 10 and 2 per second get none.
    expect(resets).toBeGreaterThan(13);
    expect(resets).toBeLessThan(100);
    expect(await asked('127.0.0.5', port)).toMatchObject(rejected);
    expect(await asked('127.0.0.6', port)).toMatchObject({ messageName: 'EventAck' });
  });

  it('T73: one client with a wrong name does not lock out 20 good ones behind the same address', async () => {
    const { server, port } = await openGate({
      ...short,
      penaltyRefused: 300_000,
      penaltyMin: 800_000,
      penaltyMax: 900_000,
      validator: refusing,
    });
    const register = async () => {
      const client = await clientFrom('127.0.0.5', port);
      onTestFinished(() => void client.socket.destroy());
      expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    };
    for (let count = 0; count < 20; count += 1) await register();
    // 20 × 300 s / 21 stays below 800 s; without the sessions the third would be enough.
    for (let time = 1; time <= 20; time += 1) {
      expect(await asked('127.0.0.5', port, 'unknown')).toMatchObject(refused);
      await expect.poll(() => server.counts().outcomes.refused, { interval: 5 }).toBe(time);
      expect(await asked('127.0.0.5', port)).toMatchObject({ messageName: 'EventAck' });
    }
    expect(server.counts().rejected.penalty).toBe(0);

    // An address without sessions gets the full penalty.
    for (let time = 21; time <= 23; time += 1) {
      expect(await asked('127.0.0.6', port, 'unknown')).toMatchObject(refused);
      await expect.poll(() => server.counts().outcomes.refused, { interval: 5 }).toBe(time);
    }
    expect(await asked('127.0.0.6', port)).toMatchObject(rejected);
  });

  it('T33: this machine is exempt by default', async () => {
    const { exempt: _, ...limits } = short;
    const { server, port } = await openGate({ ...limits, validator: refusing });
    for (let round = 0; round < 3; round += 1) await offend('127.0.0.5', port);
    await expect.poll(() => server.counts().outcomes.refused).toBe(9);
    expect(await asked('127.0.0.5', port)).toMatchObject({ messageName: 'EventAck' });
  });
});
