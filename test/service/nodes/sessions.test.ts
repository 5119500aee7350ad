import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { SessionInfo } from '../../../adapters/server/index.js';
import { clientsAt, closeNodesAfterEach, cluster, openNode } from './gates.js';

closeNodesAfterEach();

describe('the sessions of a cluster', () => {
  it('are listed by any gate, with the names of their gates', async () => {
    const { gates } = await cluster();
    await using _one = await gates[0].client('desk-1');
    await using _two = await gates[1].client('desk-2');
    await using _three = await gates[2].client('desk-3');
    for (const gate of gates) {
      const { count, unreachable, sessions } = await gate.ask('GET', '/sessions');
      expect({ count, unreachable }).toEqual({ count: 3, unreachable: [] });
      const lines = (sessions as SessionInfo[]).map(
        ({ clientName, node, state }) => `${clientName} ${node} ${state}`,
      );
      expect(lines.sort()).toEqual([
        'desk-1 a registered',
        'desk-2 b registered',
        'desk-3 c registered',
      ]);
    }
  });

  it('are those of the moment of the question', async () => {
    const { gates } = await cluster(['a', 'b']);
    await gates[0].gate.look();
    for (let number = 1; number <= 3; number += 1) {
      await using _client = await gates[1].client(`desk-${number}`);
      expect(await clientsAt(gates[0])).toEqual([`desk-${number}`]);
      const gone = once(gates[1].server, 'disconnected');
      await _client[Symbol.asyncDispose]();
      await gone;
      expect(await clientsAt(gates[0])).toEqual([]);
    }
  });

  it('are kicked from any gate, by id and by conditions', async () => {
    const { gates } = await cluster();
    await using one = await gates[1].client('desk-1');
    await using two = await gates[2].client('desk-2');
    const [session] = gates[1].server.sessions();
    expect(await gates[0].ask('DELETE', `/sessions/${session?.id}?reason=test`)).toMatchObject({
      ...{ kicked: 1, unreachable: [] },
    });
    expect(await one.next()).toMatchObject({
      messageName: 'EventError',
      errorDescription: expect.stringContaining('test'),
    });
    expect(await gates[0].ask('DELETE', '/sessions?where=client~desk')).toMatchObject({
      kicked: 1,
    });
    expect(await two.next()).toMatchObject({ messageName: 'EventError' });
    await expect.poll(() => clientsAt(gates[0])).toEqual([]);
  });

  it('get messages that other gates send', async () => {
    const { gates } = await cluster(['a', 'b']);
    await using client = await gates[1].client('desk-1');
    await gates[0].gate.look();
    const [info] = gates[0].gate.sessions();
    expect(gates[0].gate.session(info?.id ?? '')?.send({ messageName: 'EventHello' })).toBe(
      'buffered',
    );
    expect(await client.next()).toMatchObject({ messageName: 'EventHello' });
  });

  it('are complete again after lost messages', async () => {
    const { gates, directories } = await cluster(['a', 'b']);
    await gates[0].gate.look();
    let lost = 0;
    directories[1].loses = (text) => {
      if (!text.includes('"session-news"') || lost > 0) return false;
      lost += 1;
      return true;
    };
    await using _one = await gates[1].client('desk-1');
    await expect.poll(() => lost).toBe(1);
    await using _two = await gates[1].client('desk-2');
    await expect.poll(() => clientsAt(gates[0])).toEqual(['desk-1', 'desk-2']);
    expect(await gates[0].gate.look()).toEqual([]);
  });

  it('come in several messages when there are many', async () => {
    const { gates } = await cluster(['a', 'b']);
    const infos = Array.from({ length: 2_500 }, (_, index) => ({
      ...gates[1].server.sessions()[0],
      ...{ id: `s-${index}`, clientName: `desk-${index}`, connectedAt: index },
    }));
    gates[1].server.sessions = () => infos as never;
    gates[1].server.session = ((id: string) => ({
      info: () => infos.find((one) => one.id === id),
    })) as never;
    expect(await clientsAt(gates[0])).toHaveLength(2_500);
  });

  it('of a gate that leaves go without an event of their end', async () => {
    const { gates } = await cluster(['a', 'b']);
    await using _one = await gates[1].client('desk-1');
    expect(await clientsAt(gates[0])).toEqual(['desk-1']);
    const ends: unknown[] = [];
    gates[0].gate.on('disconnected', (...what) => ends.push(what));
    await gates[1].gate.close();
    await expect.poll(() => clientsAt(gates[0]), { timeout: 5_000 }).toEqual([]);
    expect(ends).toEqual([]);
    expect(await gates[0].gate.look()).toEqual([]);
  });

  it('cost nothing while no one looks', async () => {
    const { gates, directories } = await cluster(['a', 'b']);
    const sent: string[] = [];
    for (const directory of directories) {
      directory.loses = (text) => {
        sent.push(text);
        return false;
      };
    }
    await using _one = await gates[1].client('desk-1');
    expect(sent).toEqual([]);
  });
});

describe('a gate that joins', () => {
  it('learns the bans, and drains where all gates drain', async () => {
    const { gates, store } = await cluster(['a', 'b']);
    gates[0].gate.ban('192.0.2.7', null);
    expect(await gates[0].gate.settled()).toEqual([]);
    expect(gates[1].gate.banTable.list()).toEqual([{ source: '192.0.2.7', remaining: null }]);
    await gates[0].gate.drainNodes(null, true);
    const { MemoryDirectory } = await import('../../../adapters/directory/memory-directory.js');
    const late = await openNode(new MemoryDirectory(store), 'late');
    expect(late.gate.banTable.size).toBe(1);
    expect(late.gate.isDraining).toBe(true);
    late.gate.unban('192.0.2.7');
    await late.gate.settled();
    expect(gates.map(({ gate }) => gate.banTable.size)).toEqual([0, 0]);
  });
});

describe('drain, resume and reload', () => {
  it('reach the gates that are named', async () => {
    const { gates } = await cluster(['a', 'b']);
    const draining = () => gates.map(({ gate }) => gate.isDraining);
    expect(await gates[0].ask('POST', '/drain?node=b')).toEqual({
      nodes: [{ node: 'b', problem: null }],
    });
    expect(draining()).toEqual([false, true]);
    await gates[0].ask('POST', '/drain');
    await gates[1].ask('POST', '/resume?allNodes=true');
    expect(draining()).toEqual([false, false]);
    expect(await gates[0].ask('POST', '/drain?node=x')).toEqual({
      error: { status: 404, message: 'unknown node x; the nodes are a, b' },
    });
    await gates[0].gate.reloadNodes(null);
    expect(gates.flatMap(({ reloads }) => reloads)).toEqual(['a', 'b']);
  });
});
