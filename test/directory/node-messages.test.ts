import { describe, expect, it } from 'vitest';
import { NodeMessages } from '../../adapters/directory/node-messages.js';
import { ProcessClock, SimulatedTime } from '../support/simulated-time.js';

/** Nodes that hear each other. */
function network(...names: string[]) {
  const time = new SimulatedTime();
  const nodes = new Map<string, NodeMessages>();
  const texts: { readonly to: string | null; readonly text: string }[] = [];
  const problems: string[] = [];
  const send = async (to: string | null, text: string) => {
    texts.push({ to, text });
    for (const [name, node] of nodes) if (to === null || to === name) node.receive(text);
  };
  for (const name of names) {
    const problem = (error: Error) => problems.push(error.message);
    nodes.set(name, new NodeMessages(name, send, problem, new ProcessClock(time)));
  }
  const node = (name: string) => nodes.get(name) as NodeMessages;
  return { time, texts, problems, node };
}

describe('A request to another node', () => {
  it('gets the answer of its handler, which knows the node that asks', async () => {
    const { node } = network('a', 'b');
    node('b').on('add', async (body, from) => ({ sum: (body as number[])[0], from }));
    expect(await node('a').ask('b', 'add', [3])).toEqual({ sum: 3, from: 'a' });
    node('b').on('nothing', () => undefined);
    expect(await node('a').ask('b', 'nothing', null)).toBe(null);
  });

  it('gets its own answer among many', async () => {
    const { node, time } = network('a', 'b');
    node('b').on('echo', async (body) => {
      await new Promise<void>((resolve) => {
        time.setTimeout(resolve, 10 - (body as number));
      });
      return body;
    });
    const answers = Promise.all([1, 2, 3].map((number) => node('a').ask('b', 'echo', number)));
    await time.advance(10);
    expect(await answers).toEqual([1, 2, 3]);
  });

  it('fails where the handler fails, with its message', async () => {
    const { node } = network('a', 'b');
    node('b').on('fail', () => {
      throw new Error('out of order');
    });
    await expect(node('a').ask('b', 'fail', null)).rejects.toMatchObject({
      code: 'NODE_FAILED',
      node: 'b',
      message: 'node b: out of order',
    });
  });

  it('fails where the node does not know it, e.g. because it is of an earlier version', async () => {
    const { node } = network('a', 'b');
    await expect(node('a').ask('b', 'new', null)).rejects.toMatchObject({
      code: 'NODE_FAILED',
      message: 'node b: unknown request new',
    });
  });

  it('fails where no answer comes in time; a late answer is ignored', async () => {
    const { node, time } = network('a', 'b');
    let answer = (_: unknown) => {};
    const late = new Promise((resolve) => {
      answer = resolve;
    });
    node('b').on('slow', () => late);
    const asked = node('a').ask('b', 'slow', null, 500);
    const failed = expect(asked).rejects.toMatchObject({ code: 'NODE_NO_ANSWER', node: 'b' });
    await time.advance(500);
    await failed;
    answer('late');
    await time.advance(10);
    const unheard = node('a').ask('nowhere', 'slow', null);
    const unanswered = expect(unheard).rejects.toMatchObject({ code: 'NODE_NO_ANSWER' });
    await time.advance(2_000);
    await unanswered;
  });

  it('fails at once where it cannot be sent', async () => {
    const refused = async () => {
      throw new Error('no connection');
    };
    const node = new NodeMessages('a', refused, () => {});
    await expect(node.ask('b', 'echo', null)).rejects.toThrow('no connection');
  });

  it('is refused where 10,000 of them wait', async () => {
    const { node, time } = network('a');
    const asked = Array.from({ length: 10_000 }, () => node('a').ask('nowhere', 'echo', null));
    const settled = Promise.allSettled(asked);
    await expect(node('a').ask('nowhere', 'echo', null)).rejects.toThrow('too many requests');
    await time.advance(2_000);
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('What a node tells', () => {
  it('is heard by one node, or by all and itself, without an answer', async () => {
    const { node, texts, time } = network('a', 'b', 'c');
    const heard: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      node(name).on('hello', (body, from) => void heard.push(`${name} ${body} ${from}`));
    }
    node('a').tell('b', 'hello', 1);
    node('a').tell(null, 'hello', 2);
    await time.advance(0);
    expect(heard).toEqual(['b 1 a', 'a 2 a', 'b 2 a', 'c 2 a']);
    expect(texts.length).toBe(2);
  });

  it('is reported where it cannot be sent or handled', async () => {
    const { node, problems, time } = network('a', 'b');
    node('a').tell('b', 'new', null);
    await time.advance(0);
    expect(problems).toEqual(['unknown request new']);
    const reported: string[] = [];
    const refused = async () => {
      throw new Error('no connection');
    };
    new NodeMessages('a', refused, (error) => reported.push(error.message)).tell('b', 'x', null);
    await time.advance(0);
    expect(reported).toEqual(['no connection']);
  });
});

describe('A broken text', () => {
  it.each([
    '',
    '{',
    'null',
    '5',
    '"text"',
    '[]',
    '{}',
    '{"type":5,"from":"a","id":"1"}',
    '{"type":"echo","id":"1"}',
    '{"type":"echo","from":5,"id":"1"}',
    '{"answers":5}',
    '{"answers":"unknown","body":1}',
    '{"answers":{"toString":null}}',
  ])('is ignored: %s', async (text) => {
    const { node, texts, problems, time } = network('a', 'b');
    node('a').on('echo', (body) => body);
    expect(() => node('a').receive(text)).not.toThrow();
    await time.advance(0);
    expect(texts).toEqual([]);
    expect(problems).toEqual([]);
  });
});
