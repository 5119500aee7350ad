import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import type { GateServer } from '../../adapters/server/index.js';
import { buildService as buildGateway } from '../../examples/nestjs-service/gateway.js';
import { buildService as buildMicroservice } from '../../examples/nestjs-service/microservice.js';
import { FrameClient } from '../support/frame-client.js';
import { lineClient, registerRequest } from '../support/line-client.js';

const apps: INestApplication[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

const login = { messageName: 'RequestAgentLogin', referenceId: 2, agentId: '1001' };
const logout = { messageName: 'RequestAgentLogout', referenceId: 3, agentId: '1001' };

async function listening(app: INestApplication): Promise<string> {
  apps.push(app);
  await app.listen(0, '127.0.0.1');
  return `127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
}

describe('A gateway of NestJS', () => {
  it('handles messages of registered clients by name, and answers exceptions with EventError', async () => {
    const { app, gate } = await buildGateway();
    const host = await listening(app);
    const agents = async () => (await fetch(`http://${host}/agents`)).json();
    await using client = await FrameClient.open(`ws://${host}/clients`);
    expect(await client.ask(login)).toMatchObject({ messageName: 'EventError', errorCode: 1 });
    expect(await client.ask(registerRequest({ clientName: 'intruder' }))).toMatchObject({
      messageName: 'EventError',
      errorCode: 2,
    });
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(await client.ask(login)).toEqual({
      messageName: 'EventAck',
      referenceId: 2,
      agentId: '1001',
    });
    expect(await agents()).toEqual(['1001']);
    expect(await client.ask({ ...login, agentId: '' })).toMatchObject({
      messageName: 'EventError',
      referenceId: 2,
      errorCode: 101,
      errorDescription: 'agentId is missing',
    });
    expect(await client.ask(logout)).toMatchObject({ messageName: 'EventAck', referenceId: 3 });
    expect(await client.ask(logout)).toMatchObject({ messageName: 'EventError', errorCode: 103 });
    expect(await client.ask({ messageName: 'RequestSubmit', referenceId: 4 })).toMatchObject({
      messageName: 'EventError',
      referenceId: 4,
      errorCode: 404,
      errorDescription: 'no handler for RequestSubmit',
    });
    await client.ask(login);
    client.socket.close();
    await expect.poll(agents).toEqual([]);
    // No exception was answered twice.
    expect(gate.counts().problems).toBe(0);
  });

  it('drains its clients when the application closes', async () => {
    const { app } = await buildGateway();
    const host = await listening(app);
    await using client = await FrameClient.open(`ws://${host}/clients`);
    await client.ask(registerRequest());
    const closed = app.close();
    expect(await client.next()).toMatchObject({ messageName: 'EventError', errorCode: 7 });
    expect(await client.ask(login)).toMatchObject({ messageName: 'EventAck' });
    client.socket.close();
    await closed;
  });
});

describe('A microservice of NestJS', () => {
  it('handles messages of registered clients by pattern, and events without an answer', async () => {
    const app = await buildMicroservice(['tcp://127.0.0.1:0']);
    const host = await listening(app);
    const agents = async () => (await fetch(`http://${host}/agents`)).json();
    const gate = app.getMicroservices()[0]?.unwrap<GateServer>();
    await using client = await lineClient(gate?.endpoints[0]?.port ?? 0);
    await client.ask(registerRequest());
    expect(await client.ask(login)).toEqual({
      messageName: 'EventAck',
      referenceId: 2,
      agentId: '1001',
    });
    expect(await agents()).toEqual(['1001']);
    expect(await client.ask({ ...login, agentId: '' })).toMatchObject({
      messageName: 'EventError',
      referenceId: 2,
      errorCode: 101,
      errorDescription: 'agentId is missing',
    });
    client.say(logout);
    await expect.poll(agents).toEqual([]);
    // The event got no answer: the next message is that of the next request.
    expect(await client.ask({ messageName: 'RequestSubmit', referenceId: 4 })).toMatchObject({
      messageName: 'EventError',
      referenceId: 4,
      errorCode: 404,
    });
    await client.ask(login);
    client.socket.end();
    await expect.poll(agents).toEqual([]);
  });

  it('drains its clients when the application closes', async () => {
    const app = await buildMicroservice(['tcp://127.0.0.1:0']);
    await listening(app);
    const gate = app.getMicroservices()[0]?.unwrap<GateServer>();
    await using client = await lineClient(gate?.endpoints[0]?.port ?? 0);
    await client.ask(registerRequest());
    const closed = app.close();
    expect(await client.next()).toMatchObject({ messageName: 'EventError', errorCode: 7 });
    expect(await client.ask(login)).toMatchObject({ messageName: 'EventAck' });
    client.socket.end();
    await closed;
  });
});
