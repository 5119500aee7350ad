import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { conformClient, type LaunchedClient } from '../../../adapters/tester/index.js';
import { judged, short } from './played.js';
import { type Behaviour, login, request, wrongClient } from './wrong-clients.js';

const right: Behaviour = ({ say }) => say(request(1));

describe.concurrent('a run of conform-client', () => {
  test('ends at the connect timeout, with inconclusive paths', async () => {
    const { verdict, paths, requirements } = await judged(() => () => {}, { connectTimeout: 50 });
    expect(verdict).toBe('inconclusive');
    for (const run of paths) {
      expect(run.verdict).toBe('inconclusive');
      expect(run.ending).toBe('the client did not connect within 50 ms');
      expect(run.seen).toEqual([]);
    }
    for (const { verdict: one } of requirements) expect(one).toBe('inconclusive');
  });

  test('reports inconclusive paths when a client does not reconnect', async () => {
    const { verdict, paths, requirements } = await judged(
      ({ port }) => wrongClient(port, right, null),
      { paths: ['drop', 'ack'], connectTimeout: 300 },
    );
    expect(verdict).toBe('inconclusive');
    expect(paths.map((run) => [run.path.id, run.verdict])).toEqual([
      ['ack', 'pass'],
      ['drop', 'inconclusive'],
    ]);
    expect(requirements.find(({ requirement }) => requirement.id === 'registers-first')).toEqual(
      expect.objectContaining({ verdict: 'pass', violations: [] }),
    );
  });

  test('reports failed handshakes of a client that does not trust it', async () => {
    const { paths } = await judged(({ port }) => wrongClient(port, right), {
      listen: 'tls://127.0.0.1:0',
      paths: ['ack'],
      connectTimeout: 300,
    });
    expect(paths[0]?.ending).toMatch(
      /^the client did not connect within 300 ms \(TLS handshake failed: /,
    );
  });

  test('plays on several connections at a time, one path on each', async () => {
    const { verdict, paths } = await judged(
      ({ port }) => {
        const clients = [1, 2].map(() => wrongClient(port, right));
        return () => clients.map((stop) => stop());
      },
      { paths: ['ack', 'message', 'silence'] },
    );
    expect(verdict).toBe('pass');
    expect(paths.map((run) => run.verdict)).toEqual(['pass', 'pass', 'pass']);
  });

  test('receives a message of the client right after each form of EventAck', async () => {
    const prompt: Behaviour = ({ say, hear }) => {
      say(request(1));
      hear(({ messageName, referenceId }) => {
        if (messageName === 'EventAck' && referenceId === 1) say(login);
      });
    };
    const ids = [
      'ack',
      'message',
      'late',
      'foreign-ack',
      'bytes',
      'joined',
      'event-first',
    ] as const;
    const { verdict, paths } = await judged(({ port }) => wrongClient(port, prompt), {
      paths: [...ids, 'stray-ack'],
      registrationTimeout: 10_000,
    });
    expect(paths.flatMap(({ violations }) => violations)).toEqual([]);
    expect(verdict).toBe('pass');
    for (const { seen } of paths) {
      const answers = seen.filter(({ message }) => message?.messageName === 'EventAck');
      expect(answers.at(-1)?.message).toEqual({ messageName: 'EventAck', referenceId: 2 });
    }
  });

  test('reports a path as inconclusive that its deadline cuts short', async () => {
    const slow: Behaviour = ({ say }) => void setTimeout(() => say(request(1)), 200);
    const { verdict, paths } = await judged(({ port }) => wrongClient(port, slow), {
      paths: ['late'],
      registrationTimeout: 500,
      late: 499,
    });
    expect(verdict).toBe('inconclusive');
    expect(paths[0]?.ending).toBe(
      'the registration deadline of the played server expired before the path ended',
    );
  });

  test('uses another unrelated id for a client that happens to use the usual one', async () => {
    const id = -1_234_567;
    const { verdict, paths } = await judged(
      ({ port }) => wrongClient(port, ({ say }) => say(request(id))),
      { paths: ['foreign-ack'] },
    );
    expect(verdict).toBe('pass');
    const ids = paths[0]?.seen.map(({ message }) => message?.referenceId ?? null);
    expect(ids).toEqual([null, id, id - 1, id, null]);
  });

  test('does not time out while a path is played', async () => {
    const { paths } = await judged(({ port }) => wrongClient(port, right), {
      paths: ['silence', 'message'],
      registrationTimeout: 3_000,
      connectTimeout: 2_000,
    });
    expect(paths.map((run) => run.verdict)).toEqual(['pass', 'pass']);
  });

  test('ends at the signal, with the results so far', async () => {
    const aborting = new AbortController();
    let connections = 0;
    const counted: Behaviour = (talk) => {
      right(talk);
      connections += 1;
      if (connections === 2) setTimeout(() => aborting.abort(), 200);
    };
    const { verdict, paths } = await judged(({ port }) => wrongClient(port, counted), {
      paths: ['ack', 'silence', 'message'],
      registrationTimeout: 60_000,
      signal: aborting.signal,
    });
    expect(verdict).toBe('inconclusive');
    expect(paths.map((run) => `${run.path.id} ${run.verdict}: ${run.ending}`)).toEqual([
      expect.stringMatching(/^ack pass: the Interaction Server disconnected after \d+ ms$/),
      'silence inconclusive: the run was interrupted',
      'message inconclusive: the run was interrupted before it',
    ]);
  });

  test('rejects with the error of a callback, and closes the port', async () => {
    const failing = judged(({ port }) => wrongClient(port, right), {
      paths: ['ack'],
      onPath: () => {
        throw new Error('no room on the disk');
      },
    });
    await expect(failing).rejects.toThrow('no room on the disk');
  });
});

describe.concurrent('a client that is launched', () => {
  test('is started for each path, and stopped at its end', async () => {
    const log: string[] = [];
    const { verdict } = await conformClient({
      ...short,
      listen: 'tcp://127.0.0.1:0',
      paths: ['ack', 'drop', 'error'],
      launch: async ({ port }): Promise<LaunchedClient> => {
        log.push('started');
        // It reconnects at once while it runs: the tester must not use that connection for the next path.
        const stop = wrongClient(port, right, 0);
        return {
          ended: new Promise(() => {}),
          stop: async () => {
            log.push('stopped');
            stop();
          },
        };
      },
      onPath: ({ path, seen }) => log.push(`${path.id} ${seen.at(1)?.message?.messageName}`),
    });
    expect(verdict).toBe('pass');
    const asked = 'RequestRegisterClient';
    expect(log).toEqual(
      ['ack', 'drop', 'error'].flatMap((id) => ['started', `${id} ${asked}`, 'stopped']),
    );
  });

  test('is not awaited after it exited without a connection', async () => {
    const { paths } = await conformClient({
      ...short,
      connectTimeout: 60_000,
      listen: 'tcp://127.0.0.1:0',
      paths: ['ack'],
      launch: async () => ({ ended: Promise.resolve('exit code 3'), stop: async () => {} }),
    });
    expect(paths[0]?.ending).toBe('the client exited before it connected: exit code 3');
  });

  test('that cannot be started ends the run', async () => {
    const failing = conformClient({
      listen: 'tcp://127.0.0.1:0',
      launch: () => Promise.reject(new Error('no such command')),
    });
    await expect(failing).rejects.toThrow('no such command');
  });
});

describe.concurrent('invalid options are reported before the run', () => {
  test('a port that is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await expect(conformClient({ listen: `tcp://127.0.0.1:${port}` })).rejects.toThrow(
      `cannot listen on tcp://127.0.0.1:${port}: the port is taken.`,
    );
    await new Promise((resolve) => taken.close(resolve));
  });

  test.each([
    [
      { paths: ['ack', 'nonsense'] },
      /option paths: expected ack, silence, .* over tcp, not "nonsense"/,
    ],
    [{ paths: ['bytes'], listen: 'ws://127.0.0.1:0' }, /over ws, not "bytes"/],
    [{ paths: [] }, /option paths: expected at least one of ack/],
    [
      { listen: 'http://127.0.0.1:0' },
      /invalid endpoint "http:\/\/127.0.0.1:0": the scheme is http/,
    ],
    [
      { late: 1_000, registrationTimeout: 1_000 },
      /option late: expected .* from 1 to 999, not 1000/,
    ],
    [
      { replyTimeout: 9_900 },
      /option replyTimeout: expected a time well below the registration timeout/,
    ],
    [{ maxReconnects: 0 }, /option maxReconnects: expected a whole number from 1 to 1000, not 0/],
  ])('%o', async (options, message) => {
    const listen = 'tcp://127.0.0.1:0';
    await expect(conformClient({ listen, ...options })).rejects.toThrow(message);
  });
});
