import { describe, expect, it } from 'vitest';
import { clientsAt, closeNodesAfterEach, cluster } from './gates.js';

closeNodesAfterEach();

describe('the sessions of a cluster', () => {
  it('of a gate that does not answer are named and kept until its lease ends', async () => {
    const { gates, directories } = await cluster(['a', 'b'], 3_000);
    await using _one = await gates[1].client('desk-1');
    expect(await clientsAt(gates[0])).toEqual(['desk-1']);
    directories[1].loses = () => true;
    expect(await gates[0].ask('GET', '/sessions')).toMatchObject({ count: 1, unreachable: ['b'] });
    expect(await gates[0].ask('GET', '/nodes')).toMatchObject({
      nodes: [
        { node: 'a', state: 'running', directory: 'live', sessions: 0 },
        { node: 'b', state: 'unreachable', sessions: null, names: 1 },
      ],
    });
    directories[1].loses = () => false;
    await expect.poll(() => gates[0].gate.look(), { timeout: 5_000 }).toEqual([]);
  });
});
