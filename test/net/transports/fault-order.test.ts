import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { registerRequest } from '../../support/line-client.js';
import { fin, frameOf, opcodes, RawWebSocket, textFrame } from '../../support/raw-web-socket.js';

closeGatesAfterEach();

const { continuation, text, ping, pong } = opcodes;
const message = (value: unknown) => textFrame(JSON.stringify(value));
const registration = message(registerRequest());
const patience = { timeout: 30_000 };
const other = message({ messageName: 'X', referenceId: 2 });

/** A gate on ws whose validator the test controls, a client, and the messages of the client. */
async function asking(options: ServerOptions = {}) {
  const verdicts: ((valid: boolean) => void)[] = [];
  const { server, port } = await openGate({
    listen: ['ws://127.0.0.1:0'],
    validator: () => new Promise<boolean>((resolve) => verdicts.push(resolve)),
    onMessage: ({ reply }) => reply.ack(),
    ...options,
  });
  const client = await RawWebSocket.open(port);
  return {
    server,
    port,
    client,
    /** Resolves when so many verdicts are awaited. */
    asked: (count = 1) => expect.poll(() => verdicts.length, patience).toBe(count),
    decide: (valid: boolean) => verdicts.at(-1)?.(valid),
    /** What the client was sent until the close, and the close code. */
    async ended() {
      await client.until(() => client.close !== null);
      const told = client.messages.map(({ messageName, errorCode, referenceId }) =>
        messageName === 'EventError'
          ? `error ${errorCode} ${referenceId}`
          : `${messageName} ${referenceId}`,
      );
      return [...told, `closed ${client.close?.code}`];
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

const faults: readonly (readonly [string, number, Buffer])[] = [
  ['a message that is too long', 1009, textFrame(Buffer.alloc(70_000, ' '))],
  [
    'fragments that are too long together',
    1009,
    Buffer.concat([
      frameOf(text, Buffer.alloc(40_000, ' ')),
      frameOf(fin | continuation, Buffer.alloc(40_000, ' ')),
    ]),
  ],
  ['a reserved bit', 1002, frameOf(fin | 0x40 | text, '{}')],
  ['an unknown opcode', 1002, frameOf(fin | 3, '{}')],
  ['no mask', 1002, frameOf(fin | text, '{}', false)],
  ['a ping that is too long', 1002, frameOf(fin | ping, Buffer.alloc(126))],
  ['pings without end', 1008, Buffer.concat(Array(150).fill(frameOf(fin | ping)))],
  ['pongs without end', 1008, Buffer.concat(Array(150).fill(frameOf(fin | pong)))],
  [
    'fragments without end',
    1008,
    Buffer.concat([frameOf(text, '{'), ...Array(2_000).fill(frameOf(continuation, ' '))]),
  ],
  ['text that is not UTF-8', 1002, textFrame(Uint8Array.of(0x7b, 0xff, 0x7d))],
  ['text that is not JSON', 1002, textFrame('{')],
  ['a binary message', 1003, frameOf(fin | opcodes.binary, '{}')],
];

describe('T86: a WebSocket fault behind messages that wait for the validator', () => {
  it.each(faults)('is answered after them, with its close code: %s', async (_what, code, frame) => {
    await using it = await asking();
    it.client.send(registration, other, frame);
    await it.asked();
    expect(it.client.messages).toEqual([]);
    it.decide(true);
    const told = ['EventAck 1', 'EventAck 2', 'error 5 null', `closed ${code}`];
    expect(await it.ended()).toEqual(told);
  });

  it.each(faults)('is answered after a refusal: %s', async (_what, code, frame) => {
    await using it = await asking();
    it.client.send(registration, frame);
    await it.asked();
    it.decide(false);
    expect(await it.ended()).toEqual(['error 2 1', 'error 5 null', `closed ${code}`]);
  });

  it('is answered after each of several verdicts, and later input is not processed', async () => {
    await using it = await asking();
    const fault = frameOf(fin | 0x40 | text, '{}');
    it.client.send(other, registration, other, registration, fault, other, registration);
    await it.asked(1);
    await it.client.until(() => it.client.messages.length > 0);
    expect(it.client.messages).toMatchObject([{ errorCode: 1 }]);
    it.decide(false);
    await it.asked(2);
    await it.client.until(() => it.client.messages.length > 2);
    expect(it.client.messages.map(({ errorCode }) => errorCode)).toEqual([1, 2, 1]);
    it.decide(true);
    const told = ['error 1 2', 'error 2 1', 'error 1 2', 'EventAck 1', 'error 5 null'];
    expect(await it.ended()).toEqual([...told, 'closed 1002']);
  });

  it('tells the limit that was in force when it was found, and counts that one', async () => {
    await using it = await asking({ maxFrame: 4_096, maxFrameUnregistered: 1_024 });
    it.client.send(registration, textFrame(Buffer.alloc(2_000, ' ')));
    await it.asked();
    it.decide(true);
    expect(await it.ended()).toEqual(['EventAck 1', 'error 5 null', 'closed 1009']);
    expect(it.client.messages[1]).toMatchObject({
      errorDescription: 'the frame is too long; at most 1024 bytes are allowed',
    });
    expect(it.server.counts().limits).toMatchObject({ maxFrame: 0, maxFrameUnregistered: 1 });
  });

  it('stops the reading: what the client sends behind it stays with the client', async () => {
    await using it = await asking();
    it.client.send(registration, frameOf(fin | 0x40 | text, '{}'));
    await it.asked();
    const { socket } = it.client;
    const chunk = Buffer.alloc(262_144);
    const most = 512;
    let taken = 0;
    const next = () => socket.write(chunk, () => ++taken < most && next());
    next();
    // The system takes what its buffers hold, and no more.
    let before = -1;
    const isStill = () => {
      const was = before;
      before = taken;
      return was === taken;
    };
    await expect.poll(isStill, { interval: 100, ...patience }).toBe(true);
    expect(taken).toBeLessThan(most);
    it.decide(true);
    expect(await it.ended()).toEqual(['EventAck 1', 'error 5 null', 'closed 1002']);
  });

  it('waits no longer than the validator may take', async () => {
    await using it = await asking({ validatorTimeout: 50 });
    it.client.send(registration, textFrame(Buffer.alloc(70_000, ' ')));
    const told = [expect.stringMatching(/^error \d+ 1$/), 'error 5 null', 'closed 1009'];
    expect(await it.ended()).toEqual(told);
  });

  it('is not answered after the deadline, and the close code tells the deadline', async () => {
    await using it = await asking({ registrationTimeout: 500, validatorTimeout: 10_000 });
    it.client.send(registration, textFrame(Buffer.alloc(70_000, ' ')));
    expect(await it.ended()).toEqual(['closed 1008']);
    await it.client.closed;
    expect(it.server.counts().outcomes).toMatchObject({ 'timed-out': 1 });
  });

  it('does not keep a client that leaves', async () => {
    await using it = await asking();
    it.client.send(registration, frameOf(fin | 0x40 | text, '{}'));
    await it.asked();
    it.client.socket.resetAndDestroy();
    it.decide(true);
    await expect.poll(() => it.server.counts().open, patience).toBe(0);
  });
});
