/** Invalid frames, malformed messages, and unusual valid ones, at one running gate, over TCP and over WebSocket. */
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClientRequest,
  createServer,
  type GateServer,
  valid,
} from '../../adapters/server/index.js';
import type { StepRecord, WireMessage } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { frameOf, opcodes, RawWebSocket } from '../support/raw-web-socket.js';
import { WireClient } from '../support/wire-client.js';

closeGatesAfterEach();

const notJson = 'the frame is not JSON; it must be one JSON object';
const noObject = 'the frame is JSON but not an object; it must be one JSON object';
const noName = 'the message has no messageName; it must be a text that is not empty';
const notUtf8 = 'the frame is not UTF-8';
const tooDeep = 'the message is nested too deeply; at most 32 levels are allowed';
const tooMany =
  'the message has too many attributes; at most 256 are allowed, nested ones included';

const request = JSON.stringify(registerRequest());
/** The request with more attributes, as text. */
const withMore = (more: string) => request.replace(/}$/, `,${more}}`);
const nested = (levels: number) => withMore(`"a":${'['.repeat(levels)}${']'.repeat(levels)}`);
const hello = Buffer.from(`160301002f0100002b0303${'ab'.repeat(32)}000004130113020100`, 'hex');

const garbage: readonly (readonly [what: string, sent: string | Buffer, description: string])[] = [
  ['a word', 'hello', notJson],
  ['one byte', '{', notJson],
  ['a NUL', '\0', notJson],
  ['a KiB of NUL', Buffer.alloc(1_024), notJson],
  ['a message and a NUL', `${request}\0`, notJson],
  ['a NUL in a text', withMore('"a":"\0"'), notJson],
  ['two messages in one', request + request, notJson],
  ['a byte order mark', `\ufeff${request}`, notJson],
  ['UTF-16', Buffer.from(`\ufeff${request}`, 'utf16le'), notJson],
  ['Latin-1', Buffer.from(withMore('"a":"é"'), 'latin1'), notUtf8],
  ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), notUtf8],
  ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), notUtf8],
  ['half a character', Buffer.from([0x22, 0xe2, 0x82]), notUtf8],
  ['half a surrogate escape', withMore('"a":"\\ud8"'), notJson],
  ['a number with a leading zero', withMore('"a":01'), notJson],
  ['NaN', withMore('"a":NaN'), notJson],
  ['a comment', `/* */${request}`, notJson],
  ['a number', '1e400', noObject],
  ['an array of a message', `[${request}]`, noObject],
  ['a text that is a message', JSON.stringify(request), noObject],
  ['no name', '{}', noName],
  ['a name that is inherited', `{"__proto__":${request}}`, noName],
  ['a null as the last messageName', withMore('"messageName":null'), noName],
  ['32 levels within it', nested(32), tooDeep],
  ['endless brackets', '['.repeat(8_000), tooDeep],
  ['endless objects', '{"a":'.repeat(1_600), tooDeep],
  ['253 attributes more', withMore(Array(253).fill('"a":1').join()), tooMany],
  ['a list of 252', withMore(`"a":[${Array(252).fill(0)}]`), tooMany],
  ['endless commas', `[${','.repeat(8_000)}`, tooMany],
  ['an HTTP request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', notJson],
  ['a PROXY header, version 1', `PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n${request}`, notJson],
  ['a PROXY header, version 2', Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c'), notJson],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n', notJson],
  ['a Redis command', '*1\r\n$4\r\nPING\r\n', notJson],
  ['an MQTT CONNECT', Buffer.from('\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0'), notJson],
  ['a TLS hello', hello, notJson],
];

const id = (value: string) => request.replace('"referenceId":1', `"referenceId":${value}`);
const wrong: readonly (readonly [what: string, sent: string, problem: RegExp])[] = [
  ['a referenceId of 1e400', id('1e400'), /^malformed-request: referenceId must be a whole/],
  ['a referenceId of 2^31', id('2147483648'), /^malformed-request: referenceId must/],
  ['a referenceId below -2^31', id('-2147483649'), /^malformed-request: referenceId must/],
  ['a referenceId of 2^53 + 1', id('9007199254740993'), /^malformed-request: referenceId must/],
  ['a referenceId of 400 digits', id('9'.repeat(400)), /^malformed-request: referenceId must/],
  ['a referenceId of 1.5', id('1.5'), /^malformed-request: referenceId must/],
  ['a last referenceId that is wrong', withMore('"referenceId":"x"'), /^malformed-request: ref/],
  [
    'a name with a lone surrogate',
    request.replace('desk-1', '\\ud800'),
    /^malformed-request: clientName must be text/,
  ],
  [
    'a registration that is inherited',
    `{"messageName":"RequestRegisterClient","__proto__":${request}}`,
    /^malformed-request: referenceId is missing/,
  ],
];

const right: readonly (readonly [what: string, sent: string])[] = [
  ['a name twice', request.replace('"clientName"', '"clientName":7,"clientName"')],
  ['a messageName twice', request.replace('{', '{"messageName":"Other",')],
  ['a referenceId of 1.0e0', id('1.0e0')],
  ['a NUL as an escape', withMore('"mediaType":"\\u0000"')],
  ['a lone surrogate as an escape', withMore('"a":"\\ud800"')],
  ['numbers that are too large', withMore('"a":1e400,"b":123456789012345678901234567890')],
  ['attributes of Object’s', withMore('"constructor":1,"toString":null,"hasOwnProperty":{}')],
  ['a __proto__', withMore('"__proto__":{"polluted":true},"extension":{"__proto__":{"b":1}}')],
  ['an escaped __proto__', withMore('"\\u005f_proto__":{"polluted":true}')],
  ['31 levels within it', nested(31)],
  ['a list of 251', withMore(`"a":[${Array(251).fill(0)}]`)],
  ['white space', ` \t${request.replaceAll(',', ' ,\t')} `],
];

describe.each(['tcp', 'ws'] as const)('over %s', (scheme) => {
  const running: { server?: GateServer } = {};
  const problems: unknown[] = [];
  const server = () => running.server as GateServer;
  beforeAll(async () => {
    running.server = await createServer({ listen: [`${scheme}://127.0.0.1:0`] });
    running.server.on('problem', (error) => problems.push(error));
  });
  afterAll(() => running.server?.close());
  beforeEach(() => {
    problems.length = 0;
  });

  async function withClient(use: (client: WireClient) => Promise<void>): Promise<void> {
    const [endpoint] = server().endpoints;
    if (!endpoint) throw new Error('the server does not listen');
    const client = await WireClient.open(endpoint);
    try {
      await use(client);
    } finally {
      client.destroy();
    }
  }

  /** Another client can register, and no internal error was reported. */
  async function expectUnharmed(): Promise<void> {
    await withClient(async (client) => {
      expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    });
    expect(problems).toEqual([]);
  }

  it.each(garbage)(
    'T19, T20: %s gets EventError 5 and the close (GATE-7.1)',
    async (_what, sent, description) => {
      await withClient(async (client) => {
        client.say(sent);
        client.say(registerRequest());
        expect(await client.rest()).toEqual([
          {
            messageName: 'EventError',
            referenceId: null,
            errorCode: 5,
            errorDescription: description,
          },
        ]);
      });
      await expectUnharmed();
    },
  );

  it.each(wrong)(
    'T19: %s gets EventError 3, and the connection stays',
    async (_what, sent, problem) => {
      await withClient(async (client) => {
        const answer = await client.ask(sent);
        expect(answer).toMatchObject({ messageName: 'EventError', errorCode: 3 });
        expect(answer?.errorDescription).toMatch(problem);
        expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
      });
      await expectUnharmed();
    },
  );

  it.each(right)('T19: a registration with %s is handled', async (_what, sent) => {
    await withClient(async (client) => {
      expect(await client.ask(sent)).toEqual({ messageName: 'EventAck', referenceId: 1 });
      expect(server().sessions().at(-1)).toMatchObject({ clientName: 'desk-1' });
    });
    await expectUnharmed();
  });
});

describe('T19: how an unusual attribute is passed on', () => {
  /** What the recipients of a message get: validator, service, record; and the echo to the client. */
  async function handedOn(attributes: string) {
    const seen: { validator?: object; service?: WireMessage; steps: StepRecord[] } = { steps: [] };
    const { server, client } = await openGate({
      validator: (asked) => {
        seen.validator = asked;
        return valid;
      },
      onMessage: ({ message, reply }: ClientRequest) => {
        seen.service = message;
        reply.send({ ...message, messageName: 'EventPlaced' });
      },
    });
    server.on('step', (step) => seen.steps.push(step));
    await using one = await client();
    await one.ask(`${withMore(attributes)}\n`);
    const text = once(one.socket, 'data');
    one.say(`{"messageName":"RequestPlace","referenceId":2,${attributes}}\n`);
    const [answer] = await text;
    return { ...seen, answer: String(answer) };
  }

  it('GATE-2.9 __proto__ is an attribute like any other: no prototype changes, and it is echoed', async () => {
    const odd = '"__proto__":{"polluted":true},"constructor":1,"b":{"__proto__":{"polluted":true}}';
    const { validator, service, steps, answer } = await handedOn(odd);
    const payloads = steps.map(({ payload }) => payload).filter((payload) => payload !== null);
    expect(payloads.length).toBeGreaterThan(2);
    const nestedOnes = [service, ...payloads].map((message) => message?.b);
    for (const one of [validator, service, ...payloads, ...nestedOnes]) {
      if (one === undefined) continue;
      expect(Object.getPrototypeOf(one)).toBe(Object.prototype);
      expect((one as { polluted?: true }).polluted).toBeUndefined();
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(Object.hasOwn(service as object, '__proto__')).toBe(true);
    for (const own of ['__proto__', 'constructor'])
      expect(Object.hasOwn(validator as object, own)).toBe(false);
    expect(answer).toBe(`{"referenceId":2,"messageName":"EventPlaced",${odd}}\n`);
    const recorded = JSON.stringify(steps.find(({ name }) => name === 'RequestPlace')?.payload);
    expect(recorded).toContain(odd);
  });

  it('GATE-2.10 numbers are doubles: a number that is too large is Infinity here and null when sent', async () => {
    const { service, answer } = await handedOn('"a":1e400,"b":9007199254740993,"c":-0.0');
    expect(service).toMatchObject({ a: Number.POSITIVE_INFINITY, b: 2 ** 53, c: -0 });
    expect(answer).toContain('"a":null,"b":9007199254740992,"c":0');
  });

  it('GATE-2.11 a lone surrogate and a NUL are kept as escapes', async () => {
    const { service, answer } = await handedOn('"a":"\\ud800\\u0000"');
    expect(service?.a).toBe('\ud800\0');
    expect(answer).toContain('"a":"\\ud800\\u0000"');
  });
});

describe('Another protocol on the plain port', () => {
  it('T20: a TLS client is disconnected at once', async () => {
    const { server, port } = await openGate();
    const gone = once(server, 'disconnected');
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^(ERR_SSL_|ECONNRESET)/);
    expect((await gone)[1]).toBe('protocol-error');
    await using next = await lineClient(port);
    expect(await next.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });
});

describe('False lengths', () => {
  const { text, continuation } = opcodes;
  /** A WebSocket header that announces a number of bytes, with a mask of zeros. */
  function announcing(length: bigint, first = 0x80 | text): Buffer {
    const header = Buffer.alloc(14);
    header.set([first, 0xff]);
    header.writeBigUInt64BE(length, 2);
    return header;
  }

  it.each<[string, Buffer[]]>([
    ['2^63 - 1 bytes', [announcing(2n ** 63n - 1n)]],
    ['2^64 - 1 bytes', [announcing(2n ** 64n - 1n)]],
    ['2^53 bytes', [announcing(2n ** 53n)]],
    ['2^32 bytes, whose low half is nothing', [announcing(2n ** 32n)]],
    ['64 MiB and a KiB of it', [announcing(67_108_864n), Buffer.alloc(1_024, 'x')]],
    ['64 MiB in the second fragment', [frameOf(text, 'x'), announcing(67_108_864n, continuation)]],
  ])('T16: %s are rejected after the header', async (_what, frames) => {
    const { port } = await openGate({ listen: ['ws://127.0.0.1:0'] });
    await using client = await RawWebSocket.open(port);
    client.send(...frames);
    await client.until(() => client.close !== null);
    expect(client.messages).toMatchObject([{ errorCode: 5 }]);
    expect(client.messages[0]?.errorDescription).toMatch(/^the frame is too long; at most \d+ b/);
    expect(client.close?.code).toBe(1009);
  });

  it('T16: an announced frame that never arrives does not extend the deadline', async () => {
    const { port } = await openGate({ listen: ['ws://127.0.0.1:0'], registrationTimeout: 200 });
    await using client = await RawWebSocket.open(port);
    client.send(announcing(8_000n), Buffer.from('{"messageName"'));
    await client.until(() => client.close !== null);
    expect(client.messages).toEqual([]);
    expect(client.close?.code).toBe(1008);
  });
});
