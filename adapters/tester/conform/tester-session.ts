import { createActor } from 'xstate';
import {
  type Configuration,
  eventSaid,
  never,
  type ObservedArrow,
  Session,
  type StepRecord,
  seated,
} from '../../../machines/index.js';
import { publishStep } from '../../runtime/step-channel.js';

/** The deadlines are the server's: the tester's chart is told when one has ended the connection. */
const delays = { registrationTimeout: never, rejectionTimeout: never };
const chart = seated({ actions: {}, delays });

/** Steps of one session that are kept; more are a flood. */
const mostSteps = 500;

/** The chart in the tester's seat: it takes each arrow that is seen, and makes the step records of it. */
export class TesterSession {
  readonly steps: StepRecord[] = [];
  readonly #session: Session;
  /** Has the deadline that runs in the chart run out. */
  #runOut: (() => void) | null = null;

  constructor(name: string, onStep?: (step: StepRecord) => void) {
    const clock = {
      setTimeout: (runOut: () => void) => {
        this.#runOut = runOut;
      },
      clearTimeout: () => {
        this.#runOut = null;
      },
    };
    const actor = createActor(chart, { clock });
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

  get configuration(): Configuration {
    return this.#session.configuration;
  }

  /** @param isDue whether a disconnect came when the running deadline was over. */
  note({ kind, from, message }: ObservedArrow, isDue = false): void {
    if (isDue && this.#runOut) this.#runOut();
    else if (kind === 'connect') this.#session.send({ type: 'Connected' });
    else if (message) this.#session.send(eventSaid(from, message));
    else if (kind === 'disconnect')
      this.#session.send({ type: 'Disconnected', reason: 'peer-closed' });
    // The client's own frame that is not a message has no place in the chart; the server's ends the session.
    else if (from !== 'Client')
      this.#session.send({ type: 'Disconnected', reason: 'protocol-error' });
  }

  /** The tester hangs up. */
  end(): void {
    this.#session.send({ type: 'Disconnected', reason: 'client-closed' });
  }
}
