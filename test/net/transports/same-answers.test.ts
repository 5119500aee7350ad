/** The same messages over tcp, tls, ws, wss and an accepted connection, cut anywhere, to a validator that takes its time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryPair } from '../../../adapters/net/transports/index.js';
import { createServer, type GateServer } from '../../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../../support/certificates.js';
import { registerRequest } from '../../support/line-client.js';
import { openRaw } from '../../support/links.js';
import { fin, frameOf, opcodes } from '../../support/raw-web-socket.js';
import { WireClient } from '../../support/wire-client.js';

const running: { server?: GateServer; certificates?: TestCertificates } = {};
const maxFrame = 512;

beforeAll(async () => {
  running.certificates = await testCertificates();
  const { cert, key } = running.certificates.server;
  running.server = await createServer({
    listen: ['tcp', 'tls', 'ws', 'wss'].map((scheme) => `${scheme}://127.0.0.1:0`),
    tls: { cert, key },
    // One limit for all: which of two holds for a frame behind a registration depends on when it is read.
    maxFrame,
    maxFrameUnregistered: maxFrame,
    maxDepth: 4,
    maxAttributes: 20,
    registrationTimeout: 60_000,
    rejectionTimeout: 60_000,
    // `good-2` is valid, after two turns of the event loop.
    validator: ({ clientName }) => {
      const [verdict, turns] = clientName.split('-');
      const valid = verdict === 'good';
      return turns === '0' ? valid : after(Number(turns), valid);
    },
    onMessage: ({ message, reply }) => reply.ack({ echo: message.messageName }),
  });
});
afterAll(() => running.server?.close());

async function after<Value>(turns: number, value: Value): Promise<Value> {
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  return value;
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const referenceId = fc.integer({ min: 1, max: 99 });

/** A message with so many bytes in all. */
function padded(bytes: number): Buffer {
  const message = { messageName: 'Long', referenceId: 7, padding: '' };
  return json({ ...message, padding: 'x'.repeat(bytes - json(message).length) });
}

const registration = fc
  .tuple(fc.constantFrom('good', 'bad'), fc.nat(3), referenceId)
  .map(([verdict, turns, id]) =>
    json(registerRequest({ clientName: `${verdict}-${turns}`, referenceId: id })),
  );
const message = fc.oneof(
  { weight: 4, arbitrary: registration },
  referenceId.map((id) => json(registerRequest({ referenceId: id, clientName: '' }))),
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('X', 'EventAck', 'EventError', 'é'), referenceId)
      .map(([messageName, id]) => json({ messageName, referenceId: id })),
  },
  fc.integer({ min: maxFrame - 2, max: maxFrame }).map(padded),
  fc
    .constantFrom(' {"messageName":"X"}\t', '{"messageName":"X"}\r')
    .map((text) => Buffer.from(text)),
);
const invalid = fc.oneof(
  fc.integer({ min: maxFrame + 1, max: maxFrame * 200 }).map(padded),
  fc
    .constantFrom('{', 'x', '{"messageName":', '12', 'null', '[]', '{}', '{"messageName":""}')
    .map((text) => Buffer.from(text)),
  fc.constant(Buffer.of(0x22, 0xff, 0x22)),
  fc.constant(json({ messageName: 'Deep', a: { b: { c: { d: {} } } } })),
  fc.constant(json({ messageName: 'Wide', list: Array(20).fill(0) })),
);
/** A blank line is not a frame: WebSocket has no counterpart. */
const blank = fc.constantFrom('', ' ', '\t \r').map((text) => ({ blank: Buffer.from(text) }));
const frame = fc.oneof(
  { weight: 12, arbitrary: message },
  { weight: 1, arbitrary: invalid },
  { weight: 1, arbitrary: blank },
);

/** Places to cut, in thousandths of the whole; few of them, many, or none. */
const cuts = fc.array(fc.nat(999), { maxLength: 12 });

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = places.map((place) => Math.floor((place * bytes.length) / 1_000));
  const ends = [...new Set([...at, bytes.length])].sort((one, other) => one - other);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

type Frame = Buffer | { readonly blank: Buffer };

function linesOf(frames: readonly Frame[]): Buffer {
  const lines = frames.map((one) => (Buffer.isBuffer(one) ? one : one.blank));
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
}

/** Each as a message in fragments. */
function messagesOf(frames: readonly Frame[], fragments: readonly number[]): Buffer {
  const texts = frames.filter((one) => Buffer.isBuffer(one));
  return Buffer.concat(
    texts.flatMap((text) =>
      cutAt(text, fragments).map((piece, index, { length }) => {
        const last = index === length - 1 ? fin : 0;
        return frameOf(last | (index === 0 ? opcodes.text : opcodes.continuation), piece);
      }),
    ),
  );
}

it('T86: the same messages get the same answers in the same order over tcp, tls, ws, wss and an accepted connection', async () => {
  const { server, certificates } = running as Required<typeof running>;
  const last = Buffer.from('}');

  /** The answers to the frames, sent in pieces, until the server closes. */
  async function answers(index: number, frames: readonly Frame[], pieces: readonly number[]) {
    const endpoint = server.endpoints[index];
    if (!endpoint) throw new Error('the gate does not listen');
    const raw = await openRaw(endpoint, certificates.ca);
    const client = new WireClient(raw);
    const all = [...frames, last];
    const bytes = client.isFramed ? messagesOf(all, pieces) : linesOf(all);
    for (const piece of cutAt(bytes, pieces)) {
      raw.stream.write(piece);
      await nextTurn();
    }
    const told = await client.rest();
    client.destroy();
    return told;
  }

  /** The same over a connection that the service has made itself. */
  async function answersOfAccepted(frames: readonly Frame[], pieces: readonly number[]) {
    const [near, far] = memoryPair();
    let text = '';
    const closed = new Promise<void>((resolve) => {
      far.start({
        data: (chunk) => {
          text += Buffer.from(chunk).toString('latin1');
        },
        end: () => far.close('done'),
        drain: () => {},
        fault: () => {},
        closed: () => resolve(),
      });
    });
    server.accept(near);
    for (const piece of cutAt(linesOf([...frames, last]), pieces)) {
      far.write(piece);
      await nextTurn();
    }
    await closed;
    const lines = Buffer.from(text, 'latin1').toString().split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }

  const verdicts = { registered: 0, refused: 0, faults: 0 };
  const property = fc.asyncProperty(
    fc.array(frame, { maxLength: 12 }),
    cuts,
    async (frames, pieces) => {
      const [tcp = [], ...others] = await Promise.all([
        ...server.endpoints.map((_, index) => answers(index, frames, pieces)),
        answersOfAccepted(frames, pieces),
      ]);
      expect(tcp.at(-1)).toMatchObject({ messageName: 'EventError', errorCode: 5 });
      for (const other of others) expect(other).toEqual(tcp);
      if (tcp.some(({ messageName }) => messageName === 'EventAck')) verdicts.registered += 1;
      if (tcp.some(({ errorCode }) => errorCode === 2)) verdicts.refused += 1;
      if (tcp.length < frames.length) verdicts.faults += 1;
    },
  );
  await fc.assert(property, { numRuns: 60, seed: 86 });
  // The streams are not all of one kind.
  for (const count of Object.values(verdicts)) expect(count).toBeGreaterThan(5);
});
