import { describe, expect, test } from 'vitest';
import type { ClientPathId, RequirementId } from '../../../adapters/tester/index.js';
import { judged } from './played.js';
import { type Behaviour, login, request, wrongClient } from './wrong-clients.js';

interface Wrong {
  readonly what: string;
  readonly behave: Behaviour;
  readonly paths: readonly ClientPathId[];
  readonly found: RequirementId;
  readonly on: ClientPathId;
  readonly sentence: RegExp;
  readonly after?: number;
  readonly replyTimeout?: number;
}

/** Registers, and does something when it hears a message of that name. */
const onHearing =
  (name: string, act: (talk: Parameters<Behaviour>[0]) => void): Behaviour =>
  (talk) => {
    talk.say(request(1));
    talk.hear(({ messageName }) => {
      if (messageName === name) act(talk);
    });
  };

const wrongs: readonly Wrong[] = [
  {
    what: 'speaks before it registers',
    behave: ({ say }) => {
      say(login);
      say(request(1));
    },
    paths: ['ack'],
    found: 'registers-first',
    on: 'ack',
    sentence: /^The client sent RequestAgentLogin before RequestRegisterClient\.$/,
  },
  {
    what: 'never says anything',
    behave: () => {},
    paths: ['ack'],
    found: 'registers-in-time',
    on: 'ack',
    sentence: /^The client had not sent RequestRegisterClient \d+ ms after it connected\.$/,
  },
  {
    what: 'leaves without having asked',
    behave: ({ socket }) => socket.end(),
    paths: ['ack'],
    found: 'registers-in-time',
    on: 'ack',
    sentence: /^The client disconnected after \d+ ms without a RequestRegisterClient\.$/,
  },
  {
    what: 'sends garbage',
    behave: ({ say }) => say('{"messageName": no\n'),
    paths: ['ack'],
    found: 'frames-are-messages',
    on: 'ack',
    sentence: /^The client sent an invalid frame: the frame is not JSON; /,
  },
  {
    what: 'leaves in the middle of a frame',
    behave: ({ say, socket }) => {
      say(request(1));
      say('{"messageName":');
      socket.end();
    },
    paths: ['silence'],
    found: 'frames-are-messages',
    on: 'silence',
    sentence: /invalid frame: the connection ends in the middle of a frame\.$/,
  },
  {
    what: 'asks without its type',
    behave: ({ say }) => say(request(1, { clientType: undefined })),
    paths: ['ack'],
    found: 'request-is-valid',
    on: 'ack',
    sentence: /^RequestRegisterClient is not valid: clientType is missing; it must be one of /,
  },
  {
    what: 'asks again while it waits',
    behave: ({ say }) => {
      say(request(1));
      setTimeout(() => say(request(2)), 30);
    },
    paths: ['silence'],
    found: 'asks-once',
    on: 'silence',
    sentence:
      /^The client registered again \d+ ms after its first request, which was still pending\.$/,
  },
  {
    what: 'does not wait for the answer',
    behave: ({ say }) => {
      say(request(1));
      say(login);
    },
    paths: ['drop'],
    found: 'silent-until-answered',
    on: 'drop',
    sentence:
      /^The client sent RequestAgentLogin \d+ ms after RequestRegisterClient, before the answer\.$/,
  },
  {
    what: 'takes any message for its EventAck',
    behave: onHearing('EventOfTheTester', ({ say }) => say(login)),
    paths: ['event-first'],
    found: 'silent-until-answered',
    on: 'event-first',
    sentence:
      /^The client sent RequestAgentLogin \d+ ms after EventOfTheTester \(reference id none\), before the answer\.$/,
  },
  {
    what: 'acts as registered after EventError',
    behave: onHearing('EventError', ({ say }) => say(login)),
    paths: ['ack', 'error'],
    found: 'refused-is-not-registered',
    on: 'error',
    sentence:
      /^The client sent RequestAgentLogin \d+ ms after EventError \(reference id 1\); it was refused\.$/,
  },
  {
    what: 'accepts an unrelated EventAck',
    behave: onHearing('EventAck', ({ say }) => say(login)),
    paths: ['ack', 'foreign-ack'],
    found: 'foreign-answer',
    on: 'foreign-ack',
    sentence:
      /^The client sent RequestAgentLogin \d+ ms after an unrelated EventAck \(reference id -1234567\); no EventAck had answered its request\.$/,
  },
  {
    what: 'takes a stray EventAck for its own',
    behave: onHearing('EventAck', ({ say }) => say(login)),
    paths: ['stray-ack'],
    found: 'foreign-answer',
    on: 'stray-ack',
    sentence:
      /^The client sent RequestAgentLogin \d+ ms after an unrelated EventAck \(reference id -1234567\); no /,
  },
  {
    what: 'accepts an unrelated EventError, and registers again',
    behave: onHearing('EventError', ({ say }) => say(request(7))),
    paths: ['foreign-error'],
    found: 'foreign-answer',
    on: 'foreign-error',
    sentence:
      /^The client registered again \d+ ms after an unrelated EventError \(reference id -1234567\); its first request was still pending\.$/,
  },
  {
    what: 'takes garbage for an answer',
    behave: onHearing('garbage', ({ say }) => say(login)),
    paths: ['garbage'],
    found: 'garbage-does-not-register',
    on: 'garbage',
    sentence:
      /^The client sent RequestAgentLogin \d+ ms after an invalid frame: .*; it was not registered\.$/,
  },
  {
    what: 'leaves when it is registered',
    behave: onHearing('EventAck', ({ socket }) => socket.end()),
    paths: ['ack'],
    found: 'stays-registered',
    on: 'ack',
    sentence: /^The client disconnected \d+ ms after EventAck; expected at least 150 ms\.$/,
  },
  {
    what: 'registers again after EventAck',
    behave: (talk) => {
      let asked = 1;
      talk.say(request(1));
      talk.hear(({ messageName }) => {
        asked += 1;
        if (messageName === 'EventAck' && asked === 2) talk.say(request(2));
      });
    },
    paths: ['ack'],
    found: 'registers-once',
    on: 'ack',
    sentence: /^The client registered again \d+ ms after EventAck\.$/,
  },
  {
    what: 'never gives up',
    behave: ({ say }) => say(request(1)),
    paths: ['silence'],
    found: 'gives-up-in-time',
    on: 'silence',
    replyTimeout: 100,
    sentence:
      /^The client was still connected after \d+ ms without an answer; its reply timeout is 100 ms\.$/,
  },
  {
    what: 'comes back in a storm',
    behave: ({ say }) => say(request(1)),
    after: 0,
    paths: ['storm'],
    found: 'reconnects-slowly',
    on: 'storm',
    sentence:
      /^The client connected \d+ times within a second in which the server dropped each connection; 10 times are allowed\.$/,
  },
];

describe.concurrent('a client that', () => {
  test.each(wrongs)('$what is found', async (wrong) => {
    const { behave, after, paths, found, on, sentence, replyTimeout } = wrong;
    const result = await judged(({ port }) => wrongClient(port, behave, after), {
      paths,
      replyTimeout,
    });
    expect(result.verdict).toBe('fail');
    const violated = result.requirements.filter(({ verdict }) => verdict === 'fail');
    expect(violated.map(({ requirement }) => requirement.id)).toEqual([found]);
    const [violation] = violated[0]?.violations ?? [];
    expect(violation?.path).toBe(on);
    expect(violation?.sentence).toMatch(sentence);
    const run = result.paths.find(({ path }) => path.id === on);
    expect(run?.verdict).toBe('fail');
    expect(run?.seen[violation?.index ?? -1]).toBeDefined();
  });
});
