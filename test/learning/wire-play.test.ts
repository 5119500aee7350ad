/** How the wire player plays words: waiting, pauses, heartbeats, mistakes of mappers and of servers. */
import { describe, expect, it } from 'vitest';
import { exitOf } from '../../adapters/cli/exit-codes.js';
import { lines, plainSystem, shown, word } from './plain-system.js';

const usual = { factor: 1 };
/** Answers ping with pong after some milliseconds. */
const answering = (delay = 0) => ({
  heard: (line: string, socket: NodeJS.WritableStream) =>
    void setTimeout(() => line === 'ping' && socket.write('pong\n'), delay),
});

describe.concurrent('a play', () => {
  it('takes all outputs of an input, and the end that follows a little later', async () => {
    await using plain = await plainSystem({
      heard(_line, socket) {
        socket.write('one two\n');
        setTimeout(() => socket.end('three\n'), 10);
      },
    });
    const play = await plain.system.play(word('ping'), usual);
    expect(shown(play)).toEqual(['ping: one_two three closed']);
    expect(play.steps[0]?.isClosed).toBe(true);
  });

  it('ends with the connection', async () => {
    await using plain = await plainSystem({ heard: (_line, socket) => void socket.end() });
    const play = await plain.system.play(word('ping', 'more', 'silence'), usual);
    expect(shown(play)).toEqual(['ping: closed']);
  });

  it('sends the next input as soon as a known output has come', async () => {
    await using plain = await plainSystem(answering(), lines(), {
      patience: 20_000,
      settle: 20_000,
    });
    await plain.system.warmUp();
    const play = await plain.system.play(word('ping=pong', 'more=', 'ping=pong'), usual);
    expect(shown(play)).toEqual(['ping: pong', 'more: ', 'ping: pong']);
    expect(play.steps[2]?.at).toBeLessThan(10_000);
  });

  it('observes the output when another one is known', async () => {
    await using plain = await plainSystem(answering(), lines(), { patience: 60 });
    const play = await plain.system.play(word('ping=pong closed', 'ping=pang', 'more=pong'), usual);
    expect(shown(play)).toEqual(['ping: pong', 'ping: pong', 'more: ']);
  });

  it('waits longer for a doubtful answer', async () => {
    await using plain = await plainSystem(answering(400), lines(), { patience: 200 });
    expect(shown(await plain.system.play(word('ping'), usual))).toEqual(['ping: ']);
    expect(shown(await plain.system.play(word('ping'), { factor: 5 }))).toEqual(['ping: pong']);
  });

  it('ends when an output comes in a pause, with its moment', async () => {
    await using plain = await plainSystem(answering(150), lines(), { patience: 50 });
    const { steps } = await plain.system.play(word('ping=', 'more+10000', 'ping'), usual);
    expect(steps).toMatchObject([
      { input: 'ping', output: '' },
      { input: 'silence', output: 'pong', isClosed: false },
    ]);
    expect(steps[1]?.at).toBeGreaterThan(145);
  });

  it('waits in silence until the horizon', async () => {
    await using plain = await plainSystem({});
    const { steps } = await plain.system.play(word('silence', 'ping'), usual);
    expect(steps.map(({ output }) => output)).toEqual(['', '']);
    expect(steps[0]?.at).toBeGreaterThanOrEqual(600);
  });

  it('keeps 64 outputs of a flood', async () => {
    await using plain = await plainSystem({
      heard: (_line, socket) => void socket.write('pong\n'.repeat(10_000)),
    });
    const [step] = (await plain.system.play(word('ping'), usual)).steps;
    expect(step?.output.split(' ')).toHaveLength(64);
  });

  it('rejects an input that the mapper does not have', async () => {
    await using plain = await plainSystem({});
    await expect(plain.system.play(word('pang'), usual)).rejects.toThrow(
      'unknown input "pang"; allowed: ping, more',
    );
  });
});

describe.concurrent('the first connections', () => {
  it('measure how fast the server answers', async () => {
    await using plain = await plainSystem(answering(40), lines(), { patience: undefined });
    expect(plain.system.patience).toBe(1_000);
    await plain.system.warmUp();
    expect(plain.system.patience).toBeGreaterThanOrEqual(390);
  });

  it('do not take the end at a deadline for an answer', async () => {
    const connected = (socket: NodeJS.WritableStream) => void setTimeout(() => socket.end(), 60);
    await using plain = await plainSystem({ connected }, lines(), { patience: undefined });
    await plain.system.warmUp();
    expect(plain.system.patience).toBe(1_000);
  });

  it('are opened again when the server limits them', async () => {
    await using plain = await plainSystem(
      {
        connected: (socket, count) => void (count % 2 ? socket.destroy() : socket.write('ready\n')),
        ...answering(),
      },
      lines({ greets: true }),
    );
    expect(shown(await plain.system.play(word('ping'), usual))).toEqual(['ping: pong']);
  });
});

describe.concurrent('a server that speaks on its own', () => {
  it('is waited for, and its greeting belongs to no input', async () => {
    await using plain = await plainSystem(
      {
        connected: (socket) => void setTimeout(() => socket.write('ready\n'), 50),
        ...answering(),
      },
      lines({ greets: true }),
    );
    const play = await plain.system.play(word('ping'), usual);
    expect(shown(play)).toEqual(['ping: pong']);
    expect(play.steps[0]?.at).toBeGreaterThan(45);
  });

  it('cannot be reached when it sends no greeting', async () => {
    await using plain = await plainSystem({}, lines({ greets: true }), { connectTimeout: 50 });
    await expect(plain.system.play(word('ping'), usual)).rejects.toMatchObject({
      code: 'NOT_REACHABLE',
      message: expect.stringContaining('it sent no greeting within 50 ms'),
    });
  });

  it('gets an answer to its heartbeats, which are hidden', async () => {
    const heard: string[] = [];
    await using plain = await plainSystem(
      {
        connected: (socket) => void socket.write('beat\nnews\n'),
        heard: (line) => void heard.push(line),
      },
      lines(
        {},
        { ambient: (output) => (output === 'beat' ? Buffer.from('alive\n') : output === 'news') },
      ),
    );
    const play = await plain.system.play(word('silence'), usual);
    expect(shown(play)).toEqual(['silence: ']);
    expect(heard).toContain('alive');
  });
});

describe.concurrent('a mapper that fails', () => {
  const failing = (): never => {
    throw new Error('no idea');
  };
  it.each([
    ['session', lines({ session: failing }), 'the mapper fails in session: no idea'],
    ['encode', lines({}, { encode: failing }), 'fails in encode of the input ping: no idea'],
    [
      'a text instead of bytes',
      lines({}, { encode: () => 'ping' as never }),
      'it returns string; expected a Uint8Array',
    ],
    [
      'a text instead of outputs',
      lines({}, { decode: () => 'pong' as never }),
      'fails in decode: it returns something else; expected an array of strings',
    ],
    ['ambient', lines({}, { ambient: failing }), 'fails in ambient of the output pong: no idea'],
  ])('ends the play: %s', async (_part, wire, problem) => {
    await using plain = await plainSystem(answering(), wire);
    const error = await plain.system.play(word('ping'), usual).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'MAPPER_FAILED',
      message: expect.stringContaining(problem),
    });
    expect(exitOf(error)).toBe('usage');
  });

  it('cannot read what it does not know, which is an output', async () => {
    await using plain = await plainSystem(answering(), lines({}, { decode: failing }));
    expect(shown(await plain.system.play(word('ping'), usual))).toEqual(['ping: unreadable']);
  });

  it('cannot pretend that the connection ends', async () => {
    await using plain = await plainSystem({ heard: (_line, socket) => socket.write('closed\n') });
    const play = await plain.system.play(word('ping'), usual);
    expect(shown(play)).toEqual(['ping: "closed"']);
    expect(play.steps[0]?.isClosed).toBe(false);
  });
});

describe.concurrent('a server that is not there', () => {
  it('is reported with its endpoint', async () => {
    const { system } = await plainSystem({}, lines(), { endpoint: 'tcp://127.0.0.1:1' });
    await expect(system.play(word('ping'), usual)).rejects.toMatchObject({
      code: 'NOT_REACHABLE',
      message: expect.stringContaining('tcp://127.0.0.1:'),
    });
  });
});

describe('a learner', () => {
  it('ends its plays when it ends', async () => {
    await using plain = await plainSystem({}, lines(), { horizon: 3_600_000 });
    await plain.system.warmUp();
    const playing = plain.system.play(word('silence'), usual);
    const ended = expect(playing).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => plain.sockets.size).toBe(3);
    plain.system[Symbol.dispose]();
    await ended;
  });

  it('says how long its process stood still when an output came', async () => {
    await using plain = await plainSystem({
      connected: (socket) => void setTimeout(() => socket.write('late\n'), 200),
    });
    await plain.system.warmUp();
    const playing = plain.system.play(word('silence'), usual);
    const block = () => {
      const until = performance.now() + 300;
      while (performance.now() < until);
    };
    setTimeout(block, 100);
    const { stalled, steps } = await playing;
    expect(steps[0]?.output).toBe('late');
    expect(stalled).toBeGreaterThan(250);
  });
});
