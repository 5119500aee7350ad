/** Answers of a server to a registration, over every transport, and their outcomes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Scheme, schemes } from '../../adapters/net/transports/endpoint.js';
import { type Connection, formatEndpoint } from '../../adapters/net/transports/index.js';
import { defaultFrameLimits } from '../../adapters/net/wire/fault.js';
import { jsonCodec } from '../../adapters/net/wire/json-codec.js';
import {
  ack,
  client,
  error,
  type Line,
  rejection,
  tidyAfterEach,
} from '../client/scripted-server.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { TestListener } from '../support/links.js';

tidyAfterEach();

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await testCertificates();
});

type Say = (what: Line | Uint8Array) => void;
type Answer = (request: Line, say: Say, connection: Connection) => void;

/** A server that sends the given answer to the first message of each connection, and nothing else. */
async function answering(scheme: Scheme, answer: Answer): Promise<TestListener> {
  const { cert, key } = certificates.server;
  return TestListener.open(scheme, {
    tls: { cert, key },
    onConnection: (connection) => {
      const decoder = jsonCodec.createDecoder({
        framing: connection.framing,
        limits: () => defaultFrameLimits,
      });
      const say: Say = (what) => {
        const isBytes = what instanceof Uint8Array;
        connection.write(isBytes ? what : jsonCodec.encode(what as never, connection.framing));
      };
      connection.start({
        data: (chunk, kind) => {
          decoder.push(chunk, kind);
          const request = decoder.next()?.message;
          if (request) answer(request, say, connection);
        },
        end: () => connection.close('done'),
        closed: () => {},
        drain: () => {},
        fault: () => {},
      });
    },
  });
}

const half = Buffer.from('{"messageName":"EventAck","referenceId":');

/** The name, the answer, and the reason and error that end the attempt. */
const answers: [string, Answer, string][] = [
  ['nothing', () => {}, 'reply-timeout REPLY_TIMEOUT'],
  [
    'with another reference id',
    ({ referenceId }, say) => say(ack({ referenceId: Number(referenceId) + 1 })),
    'reply-timeout REPLY_TIMEOUT',
  ],
  [
    'with an error to another reference id',
    ({ referenceId }, say) => say(error({ referenceId: Number(referenceId) + 1 }, 2, 'no')),
    'reply-timeout REPLY_TIMEOUT',
  ],
  [
    'with an unknown message',
    ({ referenceId }, say) => say({ messageName: 'EventWhatever', referenceId }),
    'reply-timeout REPLY_TIMEOUT',
  ],
  [
    'with a message that only a client sends',
    ({ referenceId }, say) => say({ messageName: 'RequestRegisterClient', referenceId }),
    'reply-timeout REPLY_TIMEOUT',
  ],
  [
    'with names of events of the chart',
    (_request, say) => {
      for (const messageName of ['Connected', 'Disconnected', 'OtherEvent', 'Registered', 'Stop'])
        say({ messageName, reason: 'drained' });
    },
    'reply-timeout REPLY_TIMEOUT',
  ],
  [
    'with EventError',
    (request, say) => say(error(request, 2, 'no')),
    'client-closed REGISTRATION_REFUSED',
  ],
  [
    'with EventError and then EventAck',
    (request, say) => {
      say(error(request, 2, 'no'));
      say(ack(request));
    },
    'client-closed REGISTRATION_REFUSED',
  ],
  [
    'with an error without a code',
    (_request, say) => say({ messageName: 'EventError' }),
    'client-closed REGISTRATION_REFUSED',
  ],
  [
    'by closing',
    (_request, _say, connection) => connection.close('done'),
    'peer-closed DISCONNECTED',
  ],
  [
    'with an invalid frame',
    (_request, say) => say(Buffer.from('[]\n')),
    'protocol-error PROTOCOL_ERROR',
  ],
];

describe.each(schemes)('Over %s a client whose server answers the registration', (scheme) => {
  const within = (replyTimeout: number) => ({ tls: { ca: certificates.ca }, replyTimeout });

  it.each(answers)(
    'T42: %s is not registered, and its error has the reason',
    async (_, answer, end) => {
      await using server = await answering(scheme, answer);
      const terms = within(end.startsWith('reply-timeout') ? 150 : 10_000);
      const { client: desk, journal } = client(formatEndpoint(server.endpoint), terms);
      const reason = (await rejection(desk.registered)) as { code: string };
      await desk.close();
      expect(journal.filter((line) => !line.startsWith('refused')).slice(1)).toEqual([
        `disconnected ${end}`,
        `stopped ${reason.code}`,
      ]);
      expect(end.endsWith(reason.code)).toBe(true);
    },
  );

  it('T42: in part is not registered: it waits, and a close in the middle ends the attempt', async () => {
    await using silent = await answering(scheme, (_request, say) => say(half));
    await using closing = await answering(scheme, (_request, say, connection) => {
      say(half);
      connection.close('done');
    });
    // A WebSocket frame arrives whole or not at all: half of the text in a frame is invalid.
    const isFrame = scheme === 'ws' || scheme === 'wss';
    const { client: waits } = client(
      formatEndpoint(silent.endpoint),
      within(isFrame ? 10_000 : 150),
    );
    expect(await rejection(waits.registered)).toMatchObject({
      code: isFrame ? 'PROTOCOL_ERROR' : 'REPLY_TIMEOUT',
    });
    const { client: left } = client(formatEndpoint(closing.endpoint), within(10_000));
    expect(await rejection(left.registered)).toMatchObject({
      code: isFrame ? 'PROTOCOL_ERROR' : 'DISCONNECTED',
    });
  });

  it('T42: and closes at once was registered, and then disconnected', async () => {
    await using server = await answering(scheme, (request, say, connection) => {
      say(ack(request));
      connection.close('done');
    });
    const { client: desk, journal } = client(formatEndpoint(server.endpoint), within(10_000));
    await desk.registered;
    await expect.poll(() => journal.length).toBe(4);
    expect(journal.slice(1)).toEqual([
      'registered 1',
      'disconnected peer-closed DISCONNECTED',
      'stopped DISCONNECTED',
    ]);
  });

  it('T42: twice is registered once; the second answer, and an error after it, are events', async () => {
    await using server = await answering(scheme, (request, say) => {
      say(ack(request));
      say(ack(request));
      say(error(request, 2, 'on second thoughts'));
    });
    const { client: desk, journal } = client(formatEndpoint(server.endpoint), within(10_000));
    await desk.registered;
    await expect.poll(() => journal.length).toBe(4);
    expect(journal.slice(1)).toEqual(['registered 1', 'event EventAck', 'event EventError']);
    expect(desk.state).toBe('online');
  });
});
