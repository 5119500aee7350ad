import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloseCause } from '../../../adapters/net/transports/index.js';
import { link, openRaw, TestListener } from '../../support/links.js';
import { Recorded } from '../../support/recorded.js';

const running: { listener?: TestListener } = {};
const listener = () => running.listener as TestListener;
beforeAll(async () => {
  running.listener = await TestListener.open('ws', { maxFrame: 100 });
});
afterAll(() => running.listener?.close());

/** A bare WebSocket at our listener, and what it hears. */
async function opened() {
  const [client, connection] = await Promise.all([
    openRaw(listener().endpoint),
    listener().accepted(),
  ]);
  const webSocket = client.webSocket as NonNullable<typeof client.webSocket>;
  const heard: string[] = [];
  webSocket.on('message', (data) => heard.push(String(data)));
  const closed = once(webSocket, 'close').then(([code]) => {
    heard.push(`closed ${code}`);
    return heard;
  });
  return { client, webSocket, heard, closed, far: new Recorded(connection) };
}

/** A frame as bytes: FIN and opcode, length below 126, a mask of zeros. */
const frame = (first: number, payload: Uint8Array) =>
  Buffer.concat([Uint8Array.of(first, 0x80 | payload.length, 0, 0, 0, 0), payload]);
const bytes = (text: string) => Buffer.from(text);

/** Answers a transport's fault the way the server does: a last word, then close. */
function answering(far: Recorded): Recorded {
  far.onCall = (call) => {
    if (!call.startsWith('fault')) return;
    far.connection.write(bytes(`sorry: ${call}`));
    far.connection.close('protocol-error');
  };
  return far.start();
}

describe('a fault that the WebSocket library finds', () => {
  it('too long: the last word comes before the close frame, with 1009', async () => {
    const { client, closed, far } = await opened();
    answering(far);
    client.send('x'.repeat(100));
    client.send('y'.repeat(101));
    client.send('never read');
    expect(await closed).toEqual(['sorry: fault:too-long', 'closed 1009']);
    await far.closed();
    expect(far.text).toBe('x'.repeat(100));
    expect(far.calls).toEqual(['data', 'fault:too-long', 'closed']);
    expect(far.error).toBeNull();
  });

  it('too long by its header alone: not one byte of it is awaited', async () => {
    const { client, closed, far } = await opened();
    answering(far);
    const header = Buffer.alloc(14);
    header[0] = 0x81;
    header[1] = 0xff;
    header.writeBigUInt64BE(1n << 40n, 2);
    client.stream.write(header);
    expect(await closed).toEqual(['sorry: fault:too-long', 'closed 1009']);
  });

  it('too long in fragments', async () => {
    const { client, closed, far } = await opened();
    answering(far);
    client.stream.write(frame(0x01, Buffer.alloc(60, 'x')));
    client.stream.write(frame(0x80, Buffer.alloc(60, 'x')));
    expect(await closed).toEqual(['sorry: fault:too-long', 'closed 1009']);
  });

  it.each([
    ['a reserved bit', frame(0xc1, bytes('{}'))],
    ['an unknown opcode', frame(0x83, bytes('{}'))],
    ['no mask', Buffer.from([0x81, 2, 0x7b, 0x7d])],
    ['a continuation of nothing', frame(0x80, bytes('{}'))],
    [
      'a ping that is too long',
      Buffer.concat([Uint8Array.of(0x89, 0xfe, 0, 126), Buffer.alloc(130)]),
    ],
    ['a close code that does not exist', frame(0x88, Uint8Array.of(0, 1))],
  ])('%s: a bad frame, with 1002', async (_what, wrong) => {
    const { client, closed, far } = await opened();
    answering(far);
    client.stream.write(wrong);
    expect(await closed).toEqual(['sorry: fault:bad-frame', 'closed 1002']);
    await far.closed();
  });

  it('is followed by a close when the handler does nothing', async () => {
    const { client, closed, far } = await opened();
    far.start();
    client.send('y'.repeat(101));
    expect(await closed).toEqual(['closed 1009']);
    await far.closed();
    expect(far.error).toMatchObject({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' });
  });

  it('does not lose the last word to a peer that goes on sending megabytes', async () => {
    const { client, closed, far } = await opened();
    answering(far);
    client.send(Buffer.alloc(10_000_000, 'x'));
    expect(await closed).toEqual(['sorry: fault:too-long', 'closed 1009']);
    await far.closed();
  });
});

describe('frames', () => {
  it('are distinguished: text and binary', async () => {
    const { webSocket, far } = await opened();
    far.start();
    webSocket.send('text');
    webSocket.send(bytes('binary'));
    await far.until(({ frames }) => frames.length === 2);
    expect(far.kinds).toEqual(['text', 'binary']);
    webSocket.close();
    await far.closed();
  });

  it('that are not UTF-8 are handed to the codec as they are', async () => {
    const { client, far } = await opened();
    far.start();
    client.stream.write(frame(0x81, Uint8Array.of(0xff, 0xfe)));
    await far.until(({ size }) => size === 2);
    expect([...far.bytes]).toEqual([0xff, 0xfe]);
    client.socket.destroy();
    await far.closed();
  });

  it('in fragments, with a ping between them, are one frame, and the ping is answered', async () => {
    const { client, webSocket, far } = await opened();
    far.start();
    const ponged = once(webSocket, 'pong');
    client.stream.write(frame(0x01, bytes('one ')));
    client.stream.write(frame(0x89, bytes('alive?')));
    client.stream.write(frame(0x80, bytes('frame')));
    await far.until(({ text }) => text === 'one frame');
    expect(far.frames.length).toBe(1);
    expect(String((await ponged)[0])).toBe('alive?');
    webSocket.close();
    await far.closed();
  });

  it('are never compressed, though the client offers it', async () => {
    const { webSocket, far } = await opened();
    expect(webSocket.extensions).toBe('');
    far.start().connection.destroy();
  });
});

describe('closing', () => {
  it.each([
    ['done', 1000],
    ['refused', 1008],
    ['timeout', 1008],
    ['protocol-error', 1002],
    ['going-away', 1001],
  ] satisfies [CloseCause, number][])('%s is sent as %i', async (cause, code) => {
    const { closed, far } = await opened();
    far.start().connection.close(cause);
    expect(await closed).toEqual([`closed ${code}`]);
    await far.closed();
  });

  it('for a binary frame is sent as 1003', async () => {
    const { webSocket, closed, far } = await opened();
    far.onCall = () => far.connection.close('protocol-error');
    far.start();
    webSocket.send(bytes('binary'));
    expect(await closed).toEqual(['closed 1003']);
  });

  it.each([1000, 1009, 4000])(
    'by the peer with %i is neither a fault nor an error',
    async (code) => {
      const { webSocket, far } = await opened();
      far.start();
      webSocket.send('bye');
      webSocket.close(code);
      await far.closed();
      expect(far.calls).toEqual(['data', 'closed']);
      expect(far.error).toBeNull();
    },
  );

  it('by the peer without a close frame is an end like any other', async () => {
    const { client, far } = await opened();
    far.start();
    client.stream.write(Uint8Array.of(0x81, 0x85, 0, 0));
    client.socket.end();
    await far.closed();
    expect(far.calls).toEqual(['closed']);
    expect(far.error).toBeNull();
  });

  it('is not put off by frames that wait unread', async () => {
    const { near, far } = await link(listener());
    near.start();
    far.start().connection.pause();
    for (let n = 0; n < 100; n += 1) near.connection.write(bytes(`${n}`));
    const begun = performance.now();
    far.connection.close('timeout');
    await Promise.all([near.closed(), far.closed()]);
    expect(performance.now() - begun).toBeLessThan(700);
    expect([near.error, far.error]).toEqual([null, null]);
  });
});

it('frames sent together with the upgrade are not lost', async () => {
  const { port } = listener().endpoint;
  const socket = connectTcp({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  const request =
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
  socket.write(
    Buffer.concat([bytes(request), frame(0x81, bytes('early')), frame(0x81, bytes('bird'))]),
  );
  const far = new Recorded(await listener().accepted());
  await new Promise((resolve) => setImmediate(resolve));
  far.start();
  await far.until(({ frames }) => frames.length === 2);
  expect(far.frames.map(String)).toEqual(['early', 'bird']);
  socket.destroy();
  await far.closed();
});
