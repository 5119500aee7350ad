import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { feedOf } from '../../../adapters/feed/index.js';
import type { FeedMessage, StepRecord } from '../../../machines/index.js';
import { closeNodesAfterEach, cluster, type TestGate } from './gates.js';

closeNodesAfterEach();

/** The page's end of the feed of a gate. */
async function viewer({ gate }: TestGate) {
  const feed = feedOf(gate);
  gate.held = feed;
  const http = createServer().on('upgrade', (request, socket, head) =>
    feed.upgrade(request, socket, head),
  );
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const connect = () => {
    const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/feed`);
    const messages: FeedMessage[] = [];
    socket.on('message', (data) => messages.push(JSON.parse(String(data)) as FeedMessage));
    return { socket, messages };
  };
  return {
    connect,
    async [Symbol.asyncDispose]() {
      feed.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** The list as the messages leave it. */
function listOf(messages: readonly FeedMessage[]) {
  const list = new Map<string, string>();
  for (const message of messages) {
    if (message.type !== 'sessions') continue;
    for (const id of message.removed) list.delete(id);
    for (const { session, clientName, node, state } of message.sessions) {
      list.set(session, `${clientName} ${node} ${state}`);
    }
  }
  return [...list.values()].sort();
}

describe('the page of a gate', () => {
  it('shows the sessions of all gates with their steps, also those before it was opened', async () => {
    const { gates } = await cluster(['a', 'b']);
    await using _page = await viewer(gates[1]);
    await using page = await viewer(gates[0]);
    await using one = await gates[1].client('desk-1');
    const { socket, messages } = page.connect();
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'list' }));
    await expect.poll(() => listOf(messages)).toEqual(['desk-1 b registered']);
    await using _two = await gates[1].client('desk-2');
    await using _three = await gates[0].client('desk-3');
    await expect
      .poll(() => listOf(messages))
      .toEqual(['desk-1 b registered', 'desk-2 b registered', 'desk-3 a registered']);

    const session = gates[1].server.sessions()[0]?.id;
    socket.send(JSON.stringify({ type: 'watch', session, after: 0 }));
    const steps = (): StepRecord[] =>
      messages.flatMap((message) => (message.type === 'steps' ? message.steps : []));
    await expect.poll(() => steps().map(({ to }) => to)).toContain('registered');
    expect(steps().map(({ seq }) => seq)).toEqual(steps().map((_step, index) => index + 1));
    const before = steps().length;
    one.socket.write('{"messageName":"RequestHello","referenceId":9}\n');
    await expect.poll(() => steps().length).toBeGreaterThan(before);
    expect(messages.some(({ type }) => type === 'gap')).toBe(false);
    socket.terminate();
  });

  it('forgets the sessions of a gate that leaves, and names the cluster', async () => {
    const { gates } = await cluster(['a', 'b']);
    await using page = await viewer(gates[0]);
    await using _one = await gates[1].client('desk-1');
    const { socket, messages } = page.connect();
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'list' }));
    await expect.poll(() => listOf(messages)).toEqual(['desk-1 b registered']);
    await gates[1].gate.close();
    await expect.poll(() => listOf(messages), { timeout: 10_000 }).toEqual([]);
    const told = messages.flatMap((message) => (message.type === 'cluster' ? message.cluster : []));
    expect(told[0]).toMatchObject({ name: 'ixgate', node: 'a', state: 'live', unreachable: [] });
    socket.terminate();
  });
});
