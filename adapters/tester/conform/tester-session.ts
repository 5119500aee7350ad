import { createActor } from 'xstate';
import {
  eventSaid,
  never,
  type ObservedArrow,
  Session,
  type StepRecord,
  seated,
  systemClock,
} from '../../../machines/index.js';
import { publishStep } from '../../step-channel.js';

/** The deadlines are the server's: the tester's chart is told when they have ended a connection. */
const delays = { registrationTimeout: never, rejectionTimeout: never };
const chart = seated({ actions: {}, delays });

/** Steps of one session that are kept; more are a flood. */
const mostSteps = 500;

/** The chart in the tester's seat: it takes each arrow that is seen, and makes the step records of it. */
export class TesterSession {
  readonly steps: StepRecord[] = [];
  readonly #session: Session;

  constructor(name: string, onStep?: (step: StepRecord) => void) {
    const actor = createActor(chart, { clock: systemClock });
    this.#session = new Session(actor, {
      session: name,
      seat: 'tester',
      delays,
      onStep: (step) => {
        if (this.steps.length < mostSteps) this.steps.push(step);
        publishStep(step);
        onStep?.(step);
      },
    });
    actor.start();
  }

  note({ kind, from, message }: ObservedArrow): void {
    if (kind === 'connect') this.#session.send({ type: 'Connected' });
    else if (message) this.#session.send(eventSaid(from, message));
    else if (kind === 'disconnect')
      this.#session.send({ type: 'Disconnected', reason: 'peer-closed' });
    // The client's own frame that is no message has no place in the chart; the server's ends the session.
    else if (from !== 'Client')
      this.#session.send({ type: 'Disconnected', reason: 'protocol-error' });
  }

  /** The tester hangs up. */
  end(): void {
    this.#session.send({ type: 'Disconnected', reason: 'client-closed' });
  }
}
