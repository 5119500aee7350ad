import { afterEach, describe, expect, it } from 'vitest';
import {
  endpointTarget,
  NotReachableError,
  type PlayOptions,
  playFigure,
  runFigures,
} from '../../../adapters/tester/index.js';
import { type FigureId, findFigure } from '../../../machines/index.js';
import { ack, error, type WrongServer, wrongServer } from './wrong-servers.js';

let server: WrongServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

/** Short waits: these servers are in the same process. */
const short = { responseTimeout: 250, settle: 150, pause: 40, connectTimeout: 2_000 };

async function diagnosed(
  id: FigureId,
  behave: Parameters<typeof wrongServer>[0],
  options: PlayOptions = {},
) {
  server = await wrongServer(behave);
  const target = endpointTarget(server.endpoint);
  const run = await playFigure(findFigure(id), target, { ...short, ...options });
  expect(run.passed).toBe(run.difference === null);
  expect(run.difference?.sentence ?? '').not.toMatch(/[\n\r]/);
  return run;
}

/** Answers everything with EventError and keeps the connection; `closing` ms after the first it hangs up. */
const refusing =
  (closing?: number): Parameters<typeof wrongServer>[0] =>
  ({ socket, said, say }) => {
    let first = true;
    said(({ referenceId }) => {
      say(error(referenceId));
      if (first && closing !== undefined) setTimeout(() => socket.end(), closing);
      first = false;
    });
  };

describe('a server that behaves like the figure', () => {
  it.each(['2a', '2b', '2c'] as const)('passes %s, and its timeout is measured', async (id) => {
    const run = await diagnosed(id, refusing(160));
    expect(run.difference).toBeNull();
    expect(run.timeout).toBeGreaterThan(100);
    expect(run.timeout).toBeLessThan(1_000);
  });

  it('passes 1 and is seen to stay open', async () => {
    const run = await diagnosed('1', ({ said, say }) => said((m) => say(ack(m.referenceId))));
    expect(run.difference).toBeNull();
    expect(run.watchedOpen).toBeGreaterThanOrEqual(149);
    expect(run.timeout).toBeNull();
  });

  it('is recorded step by step from the tester’s seat', async () => {
    const run = await diagnosed('2c', refusing(160));
    expect(run.steps.map((step) => `${step.seat} ${step.direction} ${step.name}`)).toEqual([
      'tester null Connected',
      'tester out RequestRegisterClient',
      'tester in EventError',
      'tester out RequestAgentLogin',
      'tester in EventError',
      'tester null Disconnected',
    ]);
  });
});

describe('a server that is wrong', () => {
  it('closes at once: disconnected early', async () => {
    const run = await diagnosed('1', ({ socket }) => socket.end());
    expect(run.difference).toMatchObject({
      code: 'disconnected-early',
      expected: 'EventAck',
    });
    expect(run.difference?.sentence).toMatch(
      /^The server disconnected \d+ ms after RequestRegisterClient instead of sending EventAck\.$/,
    );
  });

  it('resets the connection when asked: disconnected early', async () => {
    const run = await diagnosed('2a', ({ socket, said }) => said(() => socket.resetAndDestroy()));
    expect(run.difference?.code).toBe('disconnected-early');
  });

  it('hangs up with the error instead of after the timeout: too short, when the timeout is known', async () => {
    const wrong: Parameters<typeof wrongServer>[0] = ({ socket, said }) =>
      said((m) => socket.end(`${JSON.stringify(error(m.referenceId))}\n`));
    const run = await diagnosed('2a', wrong, { rejectionTimeout: 600 });
    expect(run.difference?.code).toBe('timeout-too-short');
    expect(run.difference?.sentence).toMatch(
      /^The server disconnected \d+ ms after the first EventError; its rejection timeout is 600 ms\.$/,
    );
  });

  it('hangs up before the second message of 2c', async () => {
    const wrong: Parameters<typeof wrongServer>[0] = ({ socket, said }) =>
      said((m) => socket.end(`${JSON.stringify(error(m.referenceId))}\n`));
    const run = await diagnosed('2c', wrong);
    expect(run.difference?.sentence).toMatch(
      /^The server disconnected \d+ ms after EventError, before the client sent its next message\.$/,
    );
  });

  it('never disconnects', async () => {
    const run = await diagnosed('2b', refusing());
    expect(run.difference).toMatchObject({ code: 'never-disconnected', index: 3, came: 'nothing' });
    expect(run.difference?.sentence).toMatch(
      /^The server had not disconnected \d+ ms after the first EventError\.$/,
    );
  });

  it('disconnects late, when the timeout is known', async () => {
    const run = await diagnosed('2a', refusing(400), { rejectionTimeout: 60 });
    expect(run.difference?.code).toBe('timeout-too-long');
  });

  it('restarts the timeout with the second error of 2c', async () => {
    const run = await diagnosed(
      '2c',
      ({ socket, said, say }) => {
        let timer: NodeJS.Timeout | undefined;
        said(({ referenceId }) => {
          say(error(referenceId));
          clearTimeout(timer);
          timer = setTimeout(() => socket.end(), 500);
        });
      },
      // The pause that playFigure chooses by itself, long enough to tell a restarted timeout.
      { rejectionTimeout: 500, pause: undefined },
    );
    expect(run.difference?.code).toMatch(/^(timeout-too-long|never-disconnected)$/);
  });

  it('acknowledges every client', async () => {
    const wrong: Parameters<typeof wrongServer>[0] = ({ said, say }) =>
      said((m) => say(ack(m.referenceId)));
    const asked = await diagnosed('2a', wrong);
    expect(asked.difference).toMatchObject({
      code: 'wrong-message',
      expected: 'EventError',
      came: 'EventAck (reference id 1)',
      sentence: 'The server acknowledged a client that is not valid.',
    });
    await server?.close();
    const unregistered = await diagnosed('2b', wrong);
    expect(unregistered.difference?.sentence).toBe(
      'The server acknowledged a message of a client that is not registered.',
    );
  });

  it('refuses every client; the difference quotes its error', async () => {
    const run = await diagnosed('1', refusing());
    expect(run.difference).toMatchObject({
      code: 'wrong-message',
      came: 'EventError (reference id 1), error code 2: "no"',
      sentence: 'The server refused a client that is valid, error code 2: "no".',
    });
  });

  it.each([
    ['another number', (id: number) => id + 7, '8'],
    ['none', () => undefined, 'none'],
    ['null', () => null, 'null'],
    ['text', (id: number) => String(id), '"1"'],
  ])('answers with the wrong reference id: %s', async (_what, wrongId, shown) => {
    const run = await diagnosed('1', ({ said, say }) =>
      said((m) => say(ack(wrongId(m.referenceId)))),
    );
    expect(run.difference).toMatchObject({
      code: 'wrong-reference-id',
      sentence: `EventAck carries the wrong reference id: ${shown}; it answers RequestRegisterClient (reference id 1).`,
    });
  });

  it('answers twice', async () => {
    const wrong: Parameters<typeof wrongServer>[0] = ({ said, say }) =>
      said((m) => {
        say(m.messageName === 'RequestRegisterClient' ? ack(m.referenceId) : error(m.referenceId));
        say(error(m.referenceId));
      });
    const one = await diagnosed('1', wrong);
    expect(one.difference).toMatchObject({
      code: 'answered-twice',
      index: 3,
      expected: 'nothing more (figure 1)',
      sentence:
        'The server answered RequestRegisterClient (reference id 1) twice: EventError came after the answer.',
    });
    await server?.close();
    const two = await diagnosed('2b', wrong);
    expect(two.difference).toMatchObject({ code: 'answered-twice', index: 3 });
  });

  it('answers twice, the second time after 50 ms', async () => {
    const run = await diagnosed('1', ({ said, say }) =>
      said(({ referenceId }) => {
        say(ack(referenceId));
        setTimeout(() => say(ack(referenceId)), 50);
      }),
    );
    expect(run.difference).toMatchObject({ code: 'answered-twice', index: 3 });
  });

  it('answers twice, the second time after the next request', async () => {
    const run = await diagnosed('2c', ({ said, say }) => {
      let first: number | null = null;
      said(({ referenceId }) => {
        say(error(first ?? referenceId));
        first ??= referenceId;
      });
    });
    expect(run.difference).toMatchObject({
      code: 'answered-twice',
      index: 4,
      sentence:
        'The server answered RequestRegisterClient (reference id 1) twice: EventError came after the answer.',
    });
  });

  it('acknowledges a request that was not sent', async () => {
    const run = await diagnosed('1', ({ said, say }) =>
      said(({ referenceId }) => {
        say(ack(referenceId));
        say(ack(99));
      }),
    );
    expect(run.difference).toMatchObject({
      code: 'unsolicited-message',
      index: 3,
      sentence: 'The server sent EventAck in answer to request 99, which was not sent.',
    });
  });

  it('is silent', async () => {
    const run = await diagnosed('1', ({ said }) => said(() => {}));
    expect(run.difference).toMatchObject({ code: 'silent', index: 2, came: 'nothing' });
    expect(run.difference?.sentence).toMatch(
      /^The server did not answer RequestRegisterClient \(reference id 1\) within \d+ ms\.$/,
    );
  });

  it('speaks before it is asked', async () => {
    const run = await diagnosed('1', ({ say, said }) => {
      say({ messageName: 'EventWelcome' });
      said((m) => say(ack(m.referenceId)));
    });
    expect(run.difference).toMatchObject({ code: 'unsolicited-message' });
    expect(run.difference?.sentence).toMatch(
      /^The server sent EventWelcome (without a request|before the client sent a message)\.$/,
    );
  });

  it('sends an unsolicited message after the registration', async () => {
    const run = await diagnosed('1', ({ say, said }) =>
      said((m) => {
        say(ack(m.referenceId));
        say({ messageName: 'EventAgentLogin' });
      }),
    );
    expect(run.difference).toMatchObject({
      code: 'unsolicited-message',
      sentence: 'The server sent EventAgentLogin without a request.',
    });
  });

  it('disconnects a registered client', async () => {
    const run = await diagnosed('1', ({ socket, said, say }) =>
      said((m) => {
        say(ack(m.referenceId));
        setTimeout(() => socket.end(), 60);
      }),
    );
    expect(run.difference?.code).toBe('not-left-open');
    expect(run.difference?.sentence).toMatch(
      /^The server disconnected \d+ ms after EventAck; the figure leaves the connection open\.$/,
    );
  });

  it('answers with an error that lacks its code or its text', async () => {
    const run = await diagnosed('2a', ({ said, say }) =>
      said((m) => say({ messageName: 'EventError', referenceId: m.referenceId, errorCode: '2' })),
    );
    expect(run.difference?.code).toBe('incomplete-error');
  });

  it('speaks another protocol', async () => {
    const run = await diagnosed('2a', ({ socket, said }) =>
      said(() => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    expect(run.difference?.code).toBe('invalid-frame');
    expect(run.difference?.sentence).toMatch(/^The server sent an invalid frame: /);
  });

  it('stops in the middle of its answer', async () => {
    const run = await diagnosed('1', ({ socket, said }) =>
      said(() => socket.end('{"messageName":')),
    );
    expect(run.difference?.code).toBe('disconnected-early');
    expect(run.difference?.came).toContain('in the middle of a frame');
  });
});

describe('a server that is not there', () => {
  it('is an error with a stable code, from one figure and from a run', async () => {
    const gone = await wrongServer(() => {});
    await gone.close();
    const failed = playFigure(findFigure('1'), endpointTarget(gone.endpoint), short);
    await expect(failed).rejects.toMatchObject({
      name: 'NotReachableError',
      code: 'NOT_REACHABLE',
    });
    await expect(runFigures({ against: gone.endpoint, ...short })).rejects.toThrow(
      NotReachableError,
    );
    await expect(runFigures({ against: gone.endpoint })).rejects.toThrow(
      `${gone.endpoint} could not be reached: `,
    );
  });
});
