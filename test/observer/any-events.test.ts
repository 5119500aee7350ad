import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  disconnectReasons,
  type ObservedEvent,
  type ObservedSession,
  Observer,
  type StepRecord,
  sessionsOf,
  verdicts,
} from '../../machines/index.js';

const labels = ['1', '2', '3', 'a', 'b', 'px'];
const messages = ['RequestRegisterClient', 'RequestSubmit', 'RequestUnregisterClient'];
const answers = ['EventAck', 'EventError', 'EventOther', 'RequestRegisterClient'];

const peer = fc.record(
  { label: fc.constantFrom(...labels), proxy: fc.constantFrom(...labels) },
  { requiredKeys: ['label'] },
);
const referenceId = fc.constantFrom(null, 1, 2, 3);
const said = (by: 'client' | 'server', names: readonly string[]) =>
  fc.record({
    type: fc.constant('said' as const),
    by: fc.constant(by),
    peer,
    message: fc.record(
      {
        messageName: fc.constantFrom(...names),
        referenceId,
        clientName: fc.constantFrom(...labels, 'c'),
      },
      { requiredKeys: ['messageName'] },
    ),
  });

const event: fc.Arbitrary<ObservedEvent> = fc
  .tuple(
    fc.record({ at: fc.integer({ min: 0, max: 20_000 }), place: fc.constant(null) }),
    fc.oneof(
      { weight: 1, arbitrary: fc.record({ type: fc.constant('began'), isWhole: fc.boolean() }) },
      { weight: 4, arbitrary: fc.record({ type: fc.constant('connected'), peer }) },
      { weight: 8, arbitrary: said('client', messages) },
      { weight: 8, arbitrary: said('server', answers) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('registered'), peer }) },
      {
        weight: 3,
        arbitrary: fc.record(
          {
            type: fc.constant('disconnected'),
            peer,
            by: fc.constantFrom(null, 'client', 'server'),
            reason: fc.constantFrom(...Object.keys(disconnectReasons)),
          },
          { requiredKeys: ['type', 'peer', 'by'] },
        ),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('missing'),
          peer: fc.option(peer),
          reason: fc.constantFrom('masked', 'damaged', 'cut', 'gap'),
        }),
      },
    ),
  )
  .map(([observed, what]) => ({ ...observed, ...what }) as ObservedEvent);

describe('an observer, whatever a log says', () => {
  test.each([true, false])(
    'tells every session once, and what its steps say (each label a connection: %s)',
    (hasConnections) => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, knowsDeadlines) => {
          const steps: StepRecord[] = [];
          const sessions: ObservedSession[] = [];
          let count = 0;
          const observer = new Observer({
            hasConnections,
            ...(knowsDeadlines && { registrationTimeout: 5_000, rejectionTimeout: 2_000 }),
            sessionId: (label) => {
              count += 1;
              return `${label}@${count}`;
            },
            onStep: (step) => steps.push(step),
            onSession: (session) => sessions.push(session),
          });
          for (const one of events) observer.take(one);
          observer.end();

          const ids = sessions.map(({ summary }) => summary.session);
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids).toHaveLength(count);
          // Without a step callback, the observer reports the same sessions.
          const withoutSteps: ObservedSession[] = [];
          let again = 0;
          const quiet = new Observer({
            hasConnections,
            ...(knowsDeadlines && { registrationTimeout: 5_000, rejectionTimeout: 2_000 }),
            sessionId: (label) => {
              again += 1;
              return `${label}@${again}`;
            },
            onSession: (session) => withoutSteps.push(session),
          });
          for (const one of events) quiet.take(one);
          quiet.end();
          expect(withoutSteps).toEqual(sessions);
          const told = sessionsOf(steps);
          for (const { summary } of sessions) {
            expect(Object.keys(verdicts)).toContain(summary.verdict);
            const recorded = told.get(summary.session);
            // A session whose end is not in the log was open in its last step; missing data may have no step after it.
            const isMissing = summary.missing !== null;
            if (recorded && !isMissing) expect(recorded.summary).toEqual(summary);
          }
          for (const { steps: ofOne } of told.values()) {
            expect(ofOne.map(({ seq }) => seq)).toEqual(ofOne.map((_step, index) => index + 1));
            const elapsed = ofOne.map((step) => step.elapsed);
            expect(elapsed).toEqual([...elapsed].sort((one, other) => one - other));
          }
        }),
        { numRuns: 300 },
      );
    },
  );
});
