/** The chart by hand: a list of inputs, and what the chart makes of it. The same inputs always give the same session. */
import { createActor, SimulatedClock } from 'xstate';
import {
  type Configuration,
  type DisconnectReason,
  defaultDelays,
  emptySummary,
  errorCodes,
  eventAck,
  eventError,
  eventSaid,
  type Lifeline,
  messageOfEvent,
  parseRegisterClient,
  type RegistrationEvent,
  referenceIdOf,
  type SeatDelays,
  type ServerRejection,
  Session,
  type StepRecord,
  seated,
  serverEffects,
  simulatedTime,
  summarize,
  type WireMessage,
} from '../../../machines/index.js';
import type { SessionView } from '../state/contracts.js';

/** Who answers for the server: the hand, or the seat by itself, as a gate with such a validator would. */
export type Answers = 'by-hand' | 'valid' | 'invalid' | 'silent';

export type Input =
  | { readonly kind: 'connect' }
  | { readonly kind: 'say'; readonly from: Lifeline; readonly message: WireMessage }
  | { readonly kind: 'end'; readonly reason: DisconnectReason }
  /** Milliseconds of simulated time. */
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'answers'; readonly answers: Answers };

export interface Setup {
  readonly delays: SeatDelays;
  /** Wall clock of the first moment, milliseconds since 1970. */
  readonly startedAt: number;
}

export const firstSetup: Setup = { delays: defaultDelays, startedAt: 0 };

/** Where the chart stands after the inputs. */
export interface Simulation {
  readonly steps: readonly StepRecord[];
  readonly configuration: Configuration;
  /** Milliseconds left to the running deadline, or null. */
  readonly deadline: number | null;
  /** Milliseconds since Connected. */
  readonly elapsed: number;
  readonly answers: Answers;
}

/** Plays inputs on a fresh chart, in the server's seat. */
export function simulate(inputs: readonly Input[], setup: Setup = firstSetup): Simulation {
  const clock = new SimulatedClock();
  const steps: StepRecord[] = [];
  let answers: Answers = 'by-hand';
  const say = (message: WireMessage) => session.send(eventSaid('Interaction Server', message));
  const answer = (event: RegistrationEvent, reply: (asked: WireMessage) => WireMessage | null) => {
    if (answers === 'by-hand') return;
    const said = reply(messageOfEvent(event));
    if (said) say(said);
  };
  const actor = createActor(
    seated({
      delays: setup.delays,
      actions: {
        validate: (event) => answer(event, (asked) => validated(asked, answers)),
        refuse: (event) => answer(event, (asked) => refusal(asked, serverEffects.refuse)),
        registerAgain: (event) =>
          answer(event, (asked) => refusal(asked, serverEffects.registerAgain)),
      },
    }),
    { clock },
  );
  const session: Session = new Session(actor, {
    session: 'simulator',
    seat: 'server',
    delays: setup.delays,
    onStep: (step) => steps.push({ ...step, at: setup.startedAt + step.at }),
    time: simulatedTime(clock),
  });
  actor.start();
  for (const input of inputs) {
    if (input.kind === 'connect') session.send({ type: 'Connected' });
    else if (input.kind === 'say') session.send(eventSaid(input.from, input.message));
    else if (input.kind === 'end') session.send({ type: 'Disconnected', reason: input.reason });
    else if (input.kind === 'answers') answers = input.answers;
    else letPass(input.ms, session, clock);
  }
  const { configuration, deadline, elapsed } = session;
  actor.stop();
  return { steps, configuration, deadline, elapsed, answers };
}

/** A deadline within the time is met at its own millisecond, not at the end. */
function letPass(ms: number, session: Session, clock: SimulatedClock): void {
  let left = ms;
  for (let due = session.deadline; due !== null && due <= left; due = session.deadline) {
    clock.increment(due);
    left -= due;
  }
  clock.increment(left);
}

function validated(asked: WireMessage, answers: Answers): WireMessage | null {
  const id = referenceIdOf(asked);
  const parsed = parseRegisterClient(asked);
  if (!parsed.ok) return eventError(id, errorCodes['malformed-request'], parsed.problem);
  if (answers === 'silent') return null;
  return answers === 'valid' ? eventAck(id) : refusal(asked, serverEffects.validate);
}

function refusal(
  asked: WireMessage,
  { error, description }: Pick<ServerRejection, 'error' | 'description'>,
): WireMessage {
  return eventError(referenceIdOf(asked), errorCodes[error], description);
}

/** The session as the page shows it. Before anything has happened there is a summary nevertheless. */
export function simulatorView(
  { steps, elapsed }: Simulation,
  { startedAt }: Setup = firstSetup,
): SessionView {
  const summary = steps.reduce<SessionView['summary'] | null>(summarize, null);
  return {
    origin: 'simulator',
    summary: summary ?? emptySummary('simulator', 'server', startedAt),
    steps,
    gaps: [],
    now: elapsed,
  };
}
