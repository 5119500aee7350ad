/** Frame limits of a client before its registration and after. */
import { afterEach, describe, expect, it } from 'vitest';
import { TestListener } from '../support/links.js';
import { fin, frameOf, opcodes, RawWebSocket, textFrame } from '../support/raw-web-socket.js';
import { Recorded } from '../support/recorded.js';

const { continuation, text } = opcodes;
const before = 8_192;
const after = 65_536;
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A client that sends bytes, and what a server with a limit of `before` bytes receives. */
async function pair() {
  const listener = await TestListener.open('ws', { maxFrame: before });
  open.push(listener);
  const client = await RawWebSocket.open(listener.endpoint.port);
  open.push(client);
  const heard = new Recorded(await listener.accepted()).start();
  const trust = (maxFrame: number) => heard.connection.limitFrames?.(maxFrame);
  return { client, heard, trust, calls: () => heard.calls.filter((call) => call !== 'closed') };
}

/** Only the header of a text frame with this length. */
const announced = (length: number) => textFrame(Buffer.alloc(length)).subarray(0, -length);

/** A text in fragments of one byte. */
const fragments = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    frameOf((n === count - 1 ? fin : 0) | (n === 0 ? text : continuation), 'x'),
  );

describe('The longest WebSocket message', () => {
  it.each([before - 1, before])(
    'T14: is %i bytes long before registration, and is accepted',
    async (length) => {
      const { client, heard, calls } = await pair();
      client.send(textFrame(Buffer.alloc(length, 'x')));
      await heard.until(({ calls: { length: any } }) => any > 0);
      expect(calls()).toEqual(['data']);
      expect(heard.size).toBe(length);
    },
  );

  it('T14: one byte longer is rejected after its header: none of its bytes is buffered', async () => {
    const { client, heard, calls } = await pair();
    client.send(announced(before + 1));
    await heard.until(({ calls: { length: any } }) => any > 0);
    expect(calls()).toEqual(['fault:too-long']);
  });

  it('T14: one byte longer in fragments is rejected after the header of the last', async () => {
    const { client, heard, calls } = await pair();
    const piece = Buffer.alloc(before / 8, 'x');
    client.send(frameOf(text, piece), ...Array(7).fill(frameOf(continuation, piece)));
    client.send(frameOf(continuation, 'x').subarray(0, 6));
    await heard.until(({ calls: { length: any } }) => any > 0);
    expect(calls()).toEqual(['fault:too-long']);
  });

  it('T14: is longer after the limit is raised, on the same connection, and not one byte more', async () => {
    const { client, heard, trust, calls } = await pair();
    client.send(textFrame('x'));
    await heard.until(({ frames }) => frames.length === 1);
    trust(after);
    client.send(textFrame(Buffer.alloc(after - 1)), textFrame(Buffer.alloc(after)));
    await heard.until(({ frames }) => frames.length === 3);
    client.send(announced(after + 1));
    await heard.until(({ calls: { length: any } }) => any > 3);
    expect(calls()).toEqual(['data', 'data', 'data', 'fault:too-long']);
    expect(heard.frames.map(({ length }) => length)).toEqual([1, after - 1, after]);
  });

  it('may be raised while a message is handled', async () => {
    const { client, heard, trust, calls } = await pair();
    heard.onCall = () => trust(after);
    client.send(textFrame('x'), textFrame(Buffer.alloc(after)));
    await heard.until(({ frames }) => frames.length === 2);
    expect(calls()).toEqual(['data', 'data']);
  });

  it('may have a proportional number of fragments', async () => {
    const first = await pair();
    first.client.send(...fragments(1_057));
    await first.heard.until(({ calls: { length: any } }) => any > 0);
    expect(first.calls()).toEqual(['fault:too-many-frames']);
    const second = await pair();
    second.trust(after);
    second.client.send(...fragments(1_280));
    await second.heard.until(({ calls: { length: any } }) => any > 0);
    expect(second.calls()).toEqual(['data']);
    expect(second.heard.size).toBe(1_280);
  });
});
