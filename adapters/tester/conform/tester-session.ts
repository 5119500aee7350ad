import { createActor } from 'xstate';
import type { Configuration } from '../../../machines/registration/chart/configurations.js';
import { seated } from '../../../machines/registration/chart/registration.js';
import type { ObservedArrow } from '../../../machines/registration/figures/observed.js';
import { eventSaid } from '../../../machines/registration/figures/play.js';
import { Session, type StepRecord } from '../../../machines/registration/session/step.js';
import { never } from '../../../machines/text/clock.js';
import { publishStep } from '../../runtime/step-channel.js';

/** The server owns the deadlines. `TesterSession` lets one expire when it has ended the connection. */
const delays = { registrationTimeout: never, rejectionTimeout: never };
const chart = seated({ actions: {}, delays });

/** Number of steps that are kept of one session; more are a flood. */
const maxSteps = 500;

/** The chart in the tester's seat: it makes the step records of the observed arrows. */
export class TesterSession {
  readonly steps: StepRecord[] = [];
  readonly #session: Session;
  /** Lets the deadline expire that runs in the chart. */
  #expire: (() => void) | null = null;

  constructor(name: string, onStep?: (step: StepRecord) => void) {
    const clock = {
      setTimeout: (expire: () => void) => {
        this.#expire = expire;
      },
      clearTimeout: () => {
        this.#expire = null;
      },
    };
    const actor = createActor(chart, { clock });
    this.#session = new Session(actor, {
      session: name,
      seat: 'tester',
      delays,
      onStep: (step) => {
        if (this.steps.length < maxSteps) this.steps.push(step);
        publishStep(step);
        onStep?.(step);
      },
    });
    actor.start();
  }

  get configuration(): Configuration {
    return this.#session.configuration;
  }

  /** @param isDue whether a disconnect came at the running deadline. */
  note({ kind, from, message }: ObservedArrow, isDue = false): void {
    if (isDue && this.#expire) this.#expire();
    else if (kind === 'connect') this.#session.send({ type: 'Connected' });
    else if (message) this.#session.send(eventSaid(from, message));
    else if (kind === 'disconnect')
      this.#session.send({ type: 'Disconnected', reason: 'peer-closed' });
    // The chart has no event for an invalid frame of the client. An invalid frame of the server ends the session.
    else if (from !== 'Client')
      this.#session.send({ type: 'Disconnected', reason: 'protocol-error' });
  }

  /** The tester disconnects. */
  end(): void {
    this.#session.send({ type: 'Disconnected', reason: 'client-closed' });
  }
}
