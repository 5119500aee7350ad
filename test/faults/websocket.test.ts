import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type GateServer } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { TestListener } from '../support/links.js';
import {
  closeFrame,
  fin,
  frameOf,
  opcodes,
  RawWebSocket,
  textFrame,
} from '../support/raw-web-socket.js';
import { Recorded } from '../support/recorded.js';

closeGatesAfterEach();

const ws = { listen: ['ws://127.0.0.1:0'] };

describe('Pages of other origins', () => {
  /** The status of the answer to an upgrade from a page. HOST is the endpoint's own host. */
  async function statusOf(origin: string | null, host: string, allowOrigin: string[] = []) {
    const allowedHosts = ['gate.example', 'x'];
    const { server, port } = await openGate({ ...ws, allowOrigin, allowedHosts });
    const failures: string[] = [];
    server.on('handshake-failed', ({ error }) => failures.push(error.message));
    const filled = (text: string) => text.replace('PORT', String(port));
    await using client = new RawWebSocket(port, {
      Host: filled(host),
      ...(origin !== null && { Origin: filled(origin) }),
    });
    await client.until(() => client.head !== '');
    const { status } = client;
    if (status !== 101) await expect.poll(() => failures.length).toBe(1);
    return { status, failures };
  }

  it.each([
    ['no page at all', null, '127.0.0.1:PORT', []],
    ['no page, under a name', null, 'gate.example:PORT', []],
    ["the page of the gate's own admin port", 'http://127.0.0.1:7080', '127.0.0.1:PORT', []],
    ['a page of localhost', 'http://localhost:5173', '127.0.0.1:PORT', []],
    ['a page of the other loopback', 'http://[::1]:8080', 'localhost:PORT', []],
    ['a page of the same host', 'http://gate.example:PORT', 'gate.example:PORT', []],
    ['a page of the same host behind a proxy', 'https://gate.example', 'Gate.Example', []],
    ['a listed page', 'https://desk.example', '127.0.0.1:PORT', ['https://desk.example/']],
    ['any page when all are allowed', 'https://any.example', 'gate.example', ['*']],
    ['a page from a file when that is listed', 'null', '127.0.0.1:PORT', ['null']],
  ])('may connect: %s (GATE-1.5)', async (_what, origin, host, allowOrigin) => {
    expect(await statusOf(origin, host, allowOrigin)).toEqual({ status: 101, failures: [] });
  });

  it.each([
    ['of another host', 'https://evil.example', '127.0.0.1:PORT', []],
    ['of this machine, for a gate of another', 'http://localhost:5173', 'gate.example:PORT', []],
    ['of another port of the same host', 'http://gate.example:81', 'gate.example:PORT', []],
    ['whose host begins with localhost', 'http://localhost.evil.example', 'localhost:PORT', []],
    ['whose host begins with an address', 'http://127.0.0.1.evil.example', '127.0.0.1:PORT', []],
    ['that hides its host behind a name', 'http://127.0.0.1@evil.example', '127.0.0.1:PORT', []],
    ['from a file', 'null', '127.0.0.1:PORT', []],
    ['of an extension', 'chrome-extension://127.0.0.1', '127.0.0.1:PORT', []],
    ['of an invalid origin', 'http://127.0.0.1, http://evil', '127.0.0.1:PORT', []],
    ['of another scheme than the listed', 'http://desk.example', 'x', ['https://desk.example']],
    ['of a subdomain of the listed', 'https://a.desk.example', 'x', ['https://desk.example']],
  ])('may not connect: one %s (GATE-1.5)', async (_what, origin, host, allowOrigin) => {
    const { status, failures } = await statusOf(origin, host, allowOrigin);
    expect(status).toBe(403);
    expect(failures[0]).toMatch(/^WebSocket upgrade failed: pages of ".*" may not connect \(allow/);
  });

  it('are allowed by a validated list: an invalid origin prevents the start', async () => {
    await expect(openGate({ ...ws, allowOrigin: ['desk.example'] })).rejects.toThrow(
      'option allowOrigin: expected origins such as https://desk.example, or *, not "desk.example"',
    );
  });
});

describe('Violations of the WebSocket protocol, and valid uses', () => {
  const running: { server?: GateServer } = {};
  const { continuation, text, binary, close, ping, pong } = opcodes;
  const request = JSON.stringify(registerRequest());
  const registration = textFrame(request);
  const rest = Buffer.from(request);
  const port = () => running.server?.endpoints[0]?.port ?? 0;

  beforeAll(async () => {
    running.server = await createServer(ws);
  });
  afterAll(() => running.server?.close());

  /** Sends bytes and waits for the end. @returns the server's messages and its close code */
  async function ended(...frames: Uint8Array[]) {
    await using client = await RawWebSocket.open(port());
    client.send(...frames);
    await client.until(() => client.close !== null);
    const said = client.messages.map(({ errorCode, errorDescription, messageName }) =>
      messageName === 'EventError' ? `${errorCode}: ${errorDescription}` : messageName,
    );
    return { said, code: client.close?.code ?? null, reason: client.close?.reason };
  }

  const breaks = '5: the WebSocket frame breaks RFC 6455';
  const reserved = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
  const wrongCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535];
  const long = Buffer.alloc(126, 'x');
  const broken: readonly (readonly [string, ...Uint8Array[]])[] = [
    ['RSV1 (compressed without negotiation)', frameOf(fin | 0x40 | text, '{}')],
    ['RSV2', frameOf(fin | 0x20 | text, '{}')],
    ['RSV3', frameOf(fin | 0x10 | text, '{}')],
    ['RSV1 on a ping', frameOf(fin | 0x40 | ping)],
    ['RSV1 on a continuation', frameOf(text, '{'), frameOf(fin | 0x40 | continuation, '}')],
    ...reserved.map((opcode) => [`opcode ${opcode}`, frameOf(fin | opcode, '{}')] as const),
    ['no mask', frameOf(fin | text, '{}', false)],
    ['no mask on a ping', frameOf(fin | ping, '', false)],
    ['no mask on a close', frameOf(fin | close, '', false)],
    ['a continuation of nothing', frameOf(fin | continuation, '{}')],
    ['an unfinished continuation of nothing', frameOf(continuation, '{}')],
    ['a text within a text', frameOf(text, '{'), frameOf(fin | text, '}')],
    ['a binary within a text', frameOf(text, '{'), frameOf(fin | binary, '}')],
    ['a ping in fragments', frameOf(ping, 'a'), frameOf(fin | continuation, 'b')],
    ['a close in fragments', frameOf(close), frameOf(fin | continuation)],
    ['a ping of 126 bytes', frameOf(fin | ping, long)],
    ['a pong of 126 bytes', frameOf(fin | pong, long)],
    ['a close of 126 bytes', frameOf(fin | close, long)],
    ['a close with half a code', frameOf(fin | close, 'x')],
    ...wrongCodes.map((code) => [`the close code ${code}`, closeFrame(code)] as const),
  ];

  it.each(broken.map(([what, ...frames]) => ({ what, frames: frames as Uint8Array[] })))(
    'T21: $what is closed with 1002',
    async ({ frames }) => {
      expect(await ended(...frames, registration)).toEqual({
        said: [breaks],
        code: 1002,
        reason: '',
      });
    },
  );

  const huge = Buffer.alloc(14);
  huge.set([fin | text, 0xff]);
  const longest = Buffer.from(huge);
  huge.writeBigUInt64BE(1n << 40n, 2);
  longest.fill(0xff, 2, 10);
  const tooLong = /^5: the frame is too long; at most \d+ bytes are allowed$/;

  it.each([
    ['a message', textFrame(Buffer.alloc(70_000, ' '))],
    ['a message in fragments', ...Array(10).fill(frameOf(text, Buffer.alloc(7_000, ' ')))],
    ['a length of 2^40 of which no byte arrives', huge],
    ['a length of 2^64 - 1', longest],
  ])('T21: %s that is too long is closed with 1009', async (_what, first, ...more) => {
    const fragments = more.map((frame) => Buffer.concat([Buffer.of(continuation), frame.slice(1)]));
    const { said, code } = await ended(first as Buffer, ...fragments, registration);
    expect(said).toEqual([expect.stringMatching(tooLong)]);
    expect(code).toBe(1009);
  });

  it.each([
    { what: 'a binary message', frames: [frameOf(fin | binary, request)] },
    { what: 'an empty binary message', frames: [frameOf(fin | binary)] },
    {
      what: 'a binary in fragments',
      frames: [frameOf(binary, '{'), frameOf(fin | continuation, '}')],
    },
  ])('T21: $what is closed with 1003', async ({ frames }) => {
    expect(await ended(...frames, registration)).toEqual({
      said: ['5: the frame is binary; it must be a text frame'],
      code: 1003,
      reason: '',
    });
  });

  it.each([
    ['half a character', [0x7b, 0xe2, 0x82]],
    ['an overlong slash', [0x22, 0xc0, 0xaf]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80]],
    ['a byte that starts nothing', [0x22, 0xff, 0x22]],
    ['a code point beyond the last', [0x22, 0xf4, 0x90, 0x80, 0x80]],
  ])('T21: text with %s is closed', async (_what, wrong) => {
    const whole = [frameOf(fin | text, Uint8Array.from(wrong))];
    const [first, ...others] = wrong.map((one) => frameOf(continuation, Uint8Array.of(one)));
    const pieces = [
      Buffer.concat([Buffer.of(text), (first as Buffer).subarray(1)]),
      ...others,
      frameOf(fin | continuation),
    ];
    for (const frames of [whole, pieces]) {
      expect(await ended(...frames, registration)).toEqual({
        said: ['5: the frame is not UTF-8'],
        code: 1002,
        reason: '',
      });
    }
  });

  const e = Buffer.from('é');
  const named = Buffer.from(JSON.stringify(registerRequest({ clientName: 'José' })));
  const cut = named.indexOf(e) + 1;
  it.each([
    ['whole', registration],
    ['in two fragments', frameOf(text, rest.subarray(0, 9)), frameOf(fin, rest.subarray(9))],
    ['in fragments of a byte', ...bytewise(rest)],
    ['with empty fragments', frameOf(text), frameOf(0), frameOf(0, request), frameOf(fin)],
    [
      'cut within a character',
      frameOf(text, named.subarray(0, cut)),
      frameOf(fin, named.subarray(cut)),
    ],
    [
      'with pings in it',
      frameOf(text, rest.subarray(0, 9)),
      frameOf(fin | ping, 'x'),
      frameOf(fin | pong),
      frameOf(fin, rest.subarray(9)),
    ],
    ['after unsolicited pongs', ...Array(50).fill(frameOf(fin | pong, 'x')), registration],
    ['after 90 pings', ...Array(90).fill(frameOf(fin | ping, 'x')), registration],
    ['with its length in two bytes instead of one', longForm(rest, 126)],
    ['with its length in eight bytes', longForm(rest, 127)],
  ])('T21: a registration %s is accepted', async (_what, ...frames) => {
    expect(await ended(...(frames as Buffer[]), closeFrame(1000))).toEqual({
      said: ['EventAck'],
      code: 1000,
      reason: '',
    });
  });

  /** A text in fragments of one byte. */
  function bytewise(payload: Buffer): Buffer[] {
    return [...payload].map((one, at) => {
      const last = at === payload.length - 1 ? fin : 0;
      return frameOf(last | (at === 0 ? text : continuation), Uint8Array.of(one));
    });
  }

  /** A text whose length uses more bytes than it needs. */
  function longForm(payload: Buffer, form: 126 | 127): Buffer {
    const length = Buffer.alloc(form === 126 ? 2 : 8);
    length.writeUInt16BE(payload.length, length.length - 2);
    const header = Buffer.concat([Buffer.of(fin | text, 0x80 | form), length, Buffer.alloc(4)]);
    return Buffer.concat([header, payload]);
  }

  it.each(['', 'alive?', Buffer.of(0, 0xff, 0x1b), Buffer.alloc(125, 'x')])(
    'T21: a ping of %j is answered with its own bytes',
    async (payload) => {
      await using client = await RawWebSocket.open(port());
      client.send(frameOf(fin | ping, payload));
      await client.until(() => client.count(pong) === 1);
      expect(client.frames[0]).toEqual({
        first: fin | pong,
        opcode: pong,
        payload: Buffer.from(payload),
      });
    },
  );

  it('T21: ten pings at once are answered in their order', async () => {
    await using client = await RawWebSocket.open(port());
    const pings = Array.from({ length: 10 }, (_, n) => frameOf(fin | ping, `${n}`));
    client.send(...pings);
    await client.until(() => client.count(pong) === 10);
    expect(client.frames.map(({ payload }) => String(payload)).join('')).toBe('0123456789');
  });

  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999])(
    'T21: the close code %i is answered with the same',
    async (code) => {
      const frames = [closeFrame(code, 'x'.repeat(123)), registration, frameOf(fin | ping)];
      const { said, code: answered } = await ended(...frames);
      expect({ said, answered }).toEqual({ said: [], answered: code });
    },
  );

  it('T21: a close without a code, and one in the middle of a message, are answered', async () => {
    expect(await ended(frameOf(fin | close))).toEqual({ said: [], code: null, reason: '' });
    const { code } = await ended(frameOf(text, '{'), closeFrame(1000));
    expect(code).toBe(1000);
  });

  it('T21: compression is never negotiated, whatever is offered', async () => {
    for (const offered of [
      'permessage-deflate',
      'permessage-deflate; client_max_window_bits; server_no_context_takeover',
      'x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=15',
    ]) {
      await using client = await RawWebSocket.open(port(), { 'Sec-WebSocket-Extensions': offered });
      expect(client.head).not.toMatch(/extensions/i);
    }
  });
});

describe('Endless control frames and fragments', () => {
  const { continuation, text, ping, pong } = opcodes;
  const told = '5: there are too many WebSocket control frames or fragments';

  /** Sends frames until the server closes, at most `most`. @returns the server's messages and its close code */
  async function flood(client: RawWebSocket, frame: Uint8Array, most: number) {
    const many = Buffer.concat(Array(500).fill(frame));
    for (let sent = 0; sent < most && client.close === null && !client.socket.closed; sent += 500) {
      client.socket.write(many);
      await nextTurn();
    }
    await client.until(() => client.close !== null);
    const said = client.messages.map(
      ({ errorCode, errorDescription }) => `${errorCode}: ${errorDescription}`,
    );
    return { said, code: client.close?.code };
  }

  it.each([
    ['pings', frameOf(fin | ping, Buffer.alloc(125))],
    ['pongs', frameOf(fin | pong)],
  ])(
    'T21: endless %s get an error and the close code 1008, before and after registration',
    async (_what, frame) => {
      const { server, port } = await openGate(ws);
      const reasons: string[] = [];
      server.on('disconnected', (_session, reason) => reasons.push(reason));
      await using unregistered = await RawWebSocket.open(port);
      expect(await flood(unregistered, frame, 100_000)).toEqual({ said: [told], code: 1008 });
      await using known = await RawWebSocket.open(port);
      known.send(textFrame(JSON.stringify(registerRequest())));
      await known.until(() => known.messages.length > 0);
      const { said, code } = await flood(known, frame, 100_000);
      expect({ said: said.slice(1), code }).toEqual({ said: [told], code: 1008 });
      expect(reasons).toEqual(['protocol-error', 'protocol-error']);
      expect(unregistered.count(pong)).toBeLessThanOrEqual(100);
    },
  );

  it.each([
    ['of a byte', frameOf(continuation, 'x')],
    ['without a byte', frameOf(continuation)],
  ])('T21: a message in fragments %s that never ends is closed', async (_what, frame) => {
    const { port } = await openGate(ws);
    await using client = await RawWebSocket.open(port);
    client.send(frameOf(text, '{'));
    expect(await flood(client, frame, 100_000)).toEqual({ said: [told], code: 1008 });
  });

  it('T21: a frame that comes byte by byte, each in a separate segment, is buffered in a bounded number of pieces', async () => {
    const { port } = await openGate(ws);
    await using client = await RawWebSocket.open(port);
    const frame = textFrame(Buffer.alloc(8_000, ' '));
    let sent = 0;
    for (const byte of frame) {
      if (client.close !== null) break;
      client.socket.write(Uint8Array.of(byte));
      sent += 1;
      await nextTurn();
    }
    await client.until(() => client.close !== null);
    expect(client.close?.code).toBe(1008);
    expect(sent).toBeLessThan(4_000);
  });

  it('T21: a client that pings and reads nothing leaves at most 16 unread answers, and is closed', async () => {
    await using listener = await TestListener.open('ws');
    const client = await RawWebSocket.open(listener.endpoint.port);
    client.socket.pause();
    const far = await listener.accepted();
    const stuck = new Recorded(far).start();
    // The system's buffers are full.
    while (far.unsent < 1_000_000) {
      far.write(Buffer.alloc(1_000_000, 'x'));
      await nextTurn();
    }
    const waiting = far.unsent;
    let most = 0;
    while (!stuck.calls.includes('fault:too-many-frames')) {
      client.send(frameOf(fin | ping, Buffer.alloc(125, 'x')));
      await nextTurn();
      most = Math.max(most, far.unsent - waiting);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(16 * 127 + 4);
    await client[Symbol.asyncDispose]();
    await stuck.closed();
  });
});
