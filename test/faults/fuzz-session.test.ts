/** Any message in any configuration: of the chart, and of a server's session. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryPair } from '../../adapters/net/transports/memory.js';
import { defaultFrameLimits, jsonCodec } from '../../adapters/net/wire/index.js';
import { createServer, type GateServer } from '../../adapters/server/index.js';
import {
  configurations,
  isWireMessage,
  parseRegisterClient,
  type RegistrationEvent,
  registrationEventTypes,
  Session,
  type StepRecord,
  type WireMessage,
} from '../../machines/index.js';
import { DrivenChart, isTimer, reachable } from '../registration/chart/driven-chart.js';
import { Recorded } from '../support/recorded.js';
import { anyFrame, mutatedFrame } from './fuzz-frames.js';

const limits = { ...defaultFrameLimits, maxFrame: 2_048 };
const frames = fc.oneof({ weight: 5, arbitrary: mutatedFrame }, anyFrame);

/** Decodes frames until the first invalid one. */
function heardIn(batch: readonly Uint8Array[]) {
  const decoder = jsonCodec.createDecoder({ framing: 'stream', limits: () => limits });
  for (const frame of batch) decoder.push(Buffer.concat([frame, Buffer.from('\n')]));
  const messages: WireMessage[] = [];
  for (let one = decoder.next(); one; one = decoder.next()) {
    if (one.message) messages.push(one.message);
  }
  return messages;
}

const messages = frames
  .map((frame) => heardIn([frame])[0])
  .filter((message) => message !== undefined);

describe('the chart', () => {
  const paths = reachable();
  const delays = { registrationTimeout: 100, rejectionTimeout: 100 };

  it.each(configurations)('T22: in %s has a defined outcome for any message', (configuration) => {
    const event = fc
      .tuple(fc.constantFrom(...registrationEventTypes), messages)
      .map(
        ([type, message]): RegistrationEvent =>
          type === 'Disconnected' ? { type, reason: 'peer-closed' } : { type, message },
      );
    const property = fc.property(fc.array(event, { minLength: 1, maxLength: 6 }), (events) => {
      const chart = new DrivenChart(delays);
      const steps: StepRecord[] = [];
      const faults: unknown[] = [];
      const session = new Session(chart.actor, {
        session: 's',
        seat: 'server',
        delays,
        onStep: (step) => steps.push(step),
        onFault: (error) => faults.push(error),
      });
      for (const input of paths.get(configuration) ?? []) {
        if (isTimer(input)) chart.wait(100);
        else
          session.send(
            input === 'Disconnected' ? { type: input, reason: 'drained' } : { type: input },
          );
      }
      expect(session.configuration).toBe(configuration);
      for (const one of events) session.send(one);
      expect(faults).toEqual([]);
      expect(configurations).toContain(session.configuration);
      expect(steps.at(-1)?.to ?? 'connecting').toBe(session.configuration);
      for (const { from, to, transition, payload } of steps) {
        expect(configurations).toContain(from);
        expect(configurations).toContain(to);
        expect(transition.length).toBeGreaterThan(0);
        if (payload) expect(isWireMessage(JSON.parse(JSON.stringify(payload)))).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 100 });
  });
});

describe('a session of the server', () => {
  const running: { server?: GateServer } = {};
  const problems: unknown[] = [];
  const delivered: WireMessage[] = [];
  beforeAll(async () => {
    const server = await createServer({
      maxFrame: limits.maxFrame,
      // On a busy machine the gate would report an overload.
      maxLag: 60_000,
      onMessage: ({ message, reply }) => {
        delivered.push(message);
        reply.ack();
      },
    });
    server.on('problem', (error) => problems.push(error));
    running.server = server;
  });
  afterAll(() => running.server?.close());

  /** A server's expected answers to frames of which one is invalid: message names, with the number of an error. */
  function answersTo(batch: readonly Uint8Array[]): string[] {
    let isRegistered = false;
    const answers = heardIn(batch).map((message) => {
      const asks = message.messageName === 'RequestRegisterClient';
      if (isRegistered) return asks ? 'EventError 4' : 'EventAck';
      if (!asks) return 'EventError 1';
      isRegistered = parseRegisterClient(message).ok;
      return isRegistered ? 'EventAck' : 'EventError 3';
    });
    return [...answers, 'EventError 5'];
  }

  it('T22, T23: answers any frames as documented, one by one, in any state', async () => {
    const property = fc.asyncProperty(fc.array(frames, { maxLength: 8 }), async (batch) => {
      const [near, far] = memoryPair();
      running.server?.accept(far);
      const client = new Recorded(near).start();
      for (const frame of [...batch, Buffer.from('the end')]) {
        near.write(Buffer.concat([frame, Buffer.from('\n')]));
      }
      await client.until(({ calls }) => calls.includes('end'));
      near.destroy();
      const said = client.text.split('\n').filter((line) => line !== '');
      const answers = said
        .map((line) => JSON.parse(line))
        .map(({ messageName, errorCode }) => [messageName, errorCode].join(' ').trim());
      expect(answers).toEqual(answersTo(batch));
      expect(problems).toEqual([]);
    });
    await fc.assert(property, { numRuns: 400 });
    expect(running.server?.sessions()).toEqual([]);
    for (const message of delivered) expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
  }, 60_000);
});
