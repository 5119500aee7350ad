/** The gate's sessions with simulated clients: verdicts, deadlines and disconnects in every order. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { streams, validatorOf } from './arbitraries.js';
import { anyOrder, holdTheLoop } from './interleaving.js';
import type { SessionLife } from './racing.js';
import { isPartial, overInterleavings } from './replay.js';
import { answersOn, givens, register, Scene, scriptOf } from './scene.js';
import { type Departure, departures } from './scripted-peer.js';

holdTheLoop();
afterEach(() => {
  vi.restoreAllMocks();
});

const runs = 200;

describe('a session of the gate', () => {
  it('answers each message at most once, in order, and all of them unless the session ends early', async () => {
    const reasons = new Set<unknown>();
    const property = fc.asyncProperty(anyOrder, givens(), async (order, given) => {
      const scene = new Scene(order, given, (interleaving) => ({
        registrationTimeout: given.registrationTimeout,
        rejectionTimeout: given.rejectionTimeout,
        validator: validatorOf(interleaving, () => given.manner),
        onMessage: ({ reply }) => void reply.ack(),
      }));
      const { peer, life } = scene.peer();
      peer.play(scriptOf(given), given.departure);
      await scene.end(() => {
        reasons.add(life().reason);
        const ids = answersOn(life()).map(({ referenceId }) => referenceId);
        const all = scriptOf(given).flatMap((one) =>
          typeof one === 'string' ? [] : [one.referenceId],
        );
        expect(ids).toEqual(all.slice(0, ids.length));
        const isWhole =
          life().reason === 'peer-closed' &&
          given.departure === 'ends its side' &&
          given.network.framing === 'stream';
        if (isWhole) expect(ids).toEqual(all);
        expect(peer.connection.peer.misuse).toEqual([]);
      });
    });
    await overInterleavings(property, runs * 2);
    if (isPartial) return;
    expect([...reasons]).toEqual(
      expect.arrayContaining([
        'peer-closed',
        'protocol-error',
        'registration-timeout',
        'rejection-timeout',
        'transport-error',
        'drained',
      ]),
    );
  });

  it('is registered or timed out when the request meets the deadline, and only registered clients get EventAck', async () => {
    const seen = new Set<unknown>();
    const property = fc.asyncProperty(anyOrder, givens(), async (order, given) => {
      const scene = new Scene(order, given, (interleaving) => ({
        registrationTimeout: 5,
        rejectionTimeout: 5,
        validator: validatorOf(interleaving, () => given.manner),
        onMessage: ({ reply }) => void reply.error('invalid-client', 'no'),
      }));
      const { peer, life } = scene.peer();
      peer.play(scriptOf(given), 'never');
      await scene.end(() => {
        const acks = answersOn(life()).filter(({ messageName }) => messageName === 'EventAck');
        const isRegistered = life().events.includes('registered');
        expect(acks.length).toBe(isRegistered ? 1 : 0);
        if (isRegistered) expect(life().reason).not.toMatch(/timeout/);
        seen.add(isRegistered ? 'registered' : life().reason);
      });
    });
    await overInterleavings(property, runs);
    if (!isPartial)
      expect([...seen]).toEqual(
        expect.arrayContaining(['registered', 'registration-timeout', 'rejection-timeout']),
      );
  });

  it('that has ended sends nothing and has no slot, whatever the validator decides later', async () => {
    let late = 0;
    const property = fc.asyncProperty(
      anyOrder,
      givens(),
      fc.constantFrom<Departure[]>('closes', 'destroys', 'breaks'),
      async (order, given, departure) => {
        let first: SessionLife | null = null;
        let decidedLate = false;
        let wasTold = false;
        const scene = new Scene(order, given, (interleaving) => ({
          registrationTimeout: given.registrationTimeout,
          validator: ({ referenceId }, { signal }) =>
            referenceId === 2
              ? { valid: true, cap: 1 }
              : new Promise((resolve) => {
                  interleaving.later('verdict on the first', () => {
                    decidedLate = first?.reason !== null;
                    wasTold = signal.aborted;
                    interleaving.say('verdict on the first');
                    resolve({ valid: true, cap: 1 });
                  });
                }),
        }));
        const { peer, life } = scene.peer();
        first = life();
        peer.play([register(1)], departure);
        let second: ReturnType<Scene['peer']> | null = null;
        scene.gate.server.once('disconnected', () => {
          if (scene.gate.server.isClosing) return;
          second = scene.peer(' 2');
          second.peer.say(register(2));
        });
        await scene.end(() => {
          if (decidedLate) {
            late += 1;
            expect(wasTold).toBe(true);
            expect(answersOn(life()).map(({ messageName }) => messageName)).not.toContain(
              'EventAck',
            );
            expect(life().events).not.toContain('registered');
          }
          expect(life().connection).toHaveProperty('misuse', []);
          if (second)
            expect(answersOn(second.life()).map(({ messageName }) => messageName)).not.toContain(
              'EventError',
            );
        });
      },
    );
    await overInterleavings(property, runs);
    if (!isPartial) expect(late).toBeGreaterThan(0);
  });

  it('sends nothing after a disconnect or a close of the gate, in any listener', async () => {
    const moments = ['connected', 'registered', 'refused', 'step', 'requested'] as const;
    const seen = new Set<string>();
    const property = fc.asyncProperty(
      anyOrder,
      givens(),
      fc.constantFrom(...moments),
      fc.boolean(),
      async (order, given, moment, closes) => {
        let said: number | null = null;
        const disconnect = () => {
          const [session] = scene.gate.server.sessions();
          const live = scene.gate.server.session(session?.id ?? '');
          if (!live || said !== null) return;
          seen.add(moment);
          if (closes) scene.gate.close();
          else live.disconnect();
          said = written().length;
          expect(live.send({ messageName: 'EventNews' })).toBe('closed');
          expect(live.inject(register(9))).toBe(false);
        };
        const scene = new Scene(order, given, (interleaving) => ({
          validator: validatorOf(interleaving, () => given.manner),
          onMessage: ({ reply }) => {
            if (moment === 'requested') disconnect();
            reply.ack();
          },
        }));
        if (moment !== 'requested') scene.gate.server.on(moment, disconnect);
        const { peer, life } = scene.peer();
        const written = () => peer.connection.peer.written;
        peer.play(scriptOf(given), given.departure);
        await scene.end(() => {
          if (said === null) return;
          expect(written().slice(said)).toEqual([]);
          expect(life().reason).toBe(closes ? 'drained' : 'server-closed');
        });
      },
    );
    await overInterleavings(property, runs);
    if (!isPartial) expect(seen.size).toBeGreaterThan(3);
  });

  it('shares a name with no more than its cap allows, however many register at once, connect and disconnect', async () => {
    const seen = new Set<string>();
    const property = fc.asyncProperty(
      anyOrder,
      givens(),
      fc.integer({ min: 1, max: 2 }),
      fc.array(fc.constantFrom(...departures), { minLength: 3, maxLength: 3 }),
      async (order, given, cap, leaving) => {
        const scene = new Scene(order, given, (interleaving) => ({
          validator: validatorOf(interleaving, () => given.manner, { valid: true, cap }),
        }));
        let most = 0;
        const { server } = scene.gate;
        server.on('registered', () => {
          most = Math.max(most, server.counts().registered);
        });
        const visitors = leaving.map((departure, index) => {
          const visitor = scene.peer(` ${index + 1}`);
          visitor.peer.play([register(index + 1)], departure);
          return visitor;
        });
        await scene.end(() => {
          expect(most).toBeLessThanOrEqual(cap);
          for (const { life } of visitors) {
            const [answer] = answersOn(life());
            expect(answer?.messageName === 'EventAck').toBe(life().events.includes('registered'));
            if (String(answer?.errorDescription).includes('registered under this name'))
              seen.add('turned down');
          }
          if (most === cap) seen.add(`${cap} registered`);
        });
      },
    );
    await overInterleavings(property, runs);
    if (!isPartial)
      expect([...seen]).toEqual(
        expect.arrayContaining(['turned down', '1 registered', '2 registered']),
      );
  });

  it('answers a client that registers and half-closes at once, unless its deadline comes first', async () => {
    const seen = new Set<unknown>();
    const property = fc.asyncProperty(anyOrder, givens(streams), async (order, given) => {
      const scene = new Scene(order, given, (interleaving) => ({
        registrationTimeout: given.registrationTimeout,
        rejectionTimeout: given.rejectionTimeout,
        validator: validatorOf(interleaving, () => given.manner),
      }));
      const { peer, life } = scene.peer();
      peer.say(register(1));
      peer.leave('ends its side');
      await scene.end(() => {
        const names = answersOn(life()).map(({ messageName }) => messageName);
        if (life().reason === 'peer-closed') expect(names.length).toBe(1);
        seen.add(life().reason).add(names[0]);
      });
    });
    await overInterleavings(property, runs);
    if (!isPartial)
      expect([...seen]).toEqual(
        expect.arrayContaining(['peer-closed', 'registration-timeout', 'EventAck', 'EventError']),
      );
  });

  it('acknowledges no registration before it is recorded', async () => {
    const seen = new Set<string>();
    const property = fc.asyncProperty(
      anyOrder,
      givens(),
      fc.boolean(),
      async (order, given, isKept) => {
        let isRecorded = false;
        let isTooEarly = false;
        const scene = new Scene(order, given, (interleaving) => ({
          registrationTimeout: given.registrationTimeout,
          writeTimeout: given.rejectionTimeout,
          validator: validatorOf(interleaving, () => given.manner),
          journal: {
            requiresDurableAck: true,
            canRecord: true,
            record: () => {},
            flushed: () =>
              new Promise((resolve, reject) => {
                interleaving.later('the disk', () => {
                  interleaving.say(isKept ? 'the step is recorded' : 'recording the step fails');
                  if (isKept) isRecorded = true;
                  if (isKept) resolve();
                  else reject(new Error('the disk is full'));
                });
              }),
          },
        }));
        const { peer, life } = scene.peer();
        peer.play([register(1)], given.departure);
        const connection = peer.connection.peer;
        const { write } = connection;
        connection.write = (bytes) => {
          if (Buffer.from(bytes).toString().includes('EventAck')) {
            seen.add('acknowledged');
            isTooEarly ||= !isRecorded;
          }
          return write.call(connection, bytes);
        };
        await scene.end(() => {
          expect(isTooEarly).toBe(false);
          expect(connection.misuse).toEqual([]);
          const acks = answersOn(life()).filter(({ messageName }) => messageName === 'EventAck');
          expect(acks.length).toBeLessThanOrEqual(1);
          if (acks.length < 1 && life().events.includes('registered'))
            seen.add('never acknowledged');
        });
      },
    );
    await overInterleavings(property, runs);
    if (!isPartial) expect([...seen].sort()).toEqual(['acknowledged', 'never acknowledged']);
  });
});
