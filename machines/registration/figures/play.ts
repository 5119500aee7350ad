/** Plays a figure on the chart itself with a simulated clock: no socket, no waiting, exact to the millisecond. */
import { createActor, SimulatedClock } from 'xstate';
import { errorCodes } from '../chart/error-codes.js';
import { eventOfMessage, messageOfEvent } from '../chart/message-events.js';
import {
  type ClientType,
  clientTypes,
  eventAck,
  eventError,
  referenceIdOf,
  type WireMessage,
} from '../chart/messages.js';
import { seated } from '../chart/registration.js';
import { defaultDelays, type RegistrationEvent, type SeatDelays } from '../chart/seat.js';
import { type ServerRejection, serverEffects } from '../chart/server-effects.js';
import { Session, type StepRecord, type TimeSource } from '../session/step.js';
import { type Comparison, compareFigure } from './comparison.js';
import { arrowsOf, type Figure, type FigureArrow, type Lifeline } from './figures.js';
import { measuredTimeout, type ObservedArrow } from './observed.js';
import { observedFrom } from './session-arrows.js';

/** The client of a figure: attributes of its RequestRegisterClient. */
export interface FigureClient {
  readonly clientName: string;
  readonly clientType: ClientType;
  readonly [attribute: string]: unknown;
}

/** Reads a client; the default type is AgentApplication. @returns null without a name or for an unknown type. */
export function figureClientFrom(value: Readonly<Record<string, unknown>>): FigureClient | null {
  const { clientName, clientType = 'AgentApplication', ...more } = value;
  const type = clientTypes.find((known) => known === clientType);
  return typeof clientName === 'string' && type ? { ...more, clientName, clientType: type } : null;
}

/** The two clients the figures need. */
export interface FigureClients {
  /** A client that the server accepts. @default ixgate-figures, AgentApplication */
  readonly valid: FigureClient;
  /**
   * A client that the server rejects. The default has no name, which this project's gate always rejects; another
   * server may need a name that is not in its list.
   */
  readonly invalid: FigureClient;
}

export const figureClients: FigureClients = {
  valid: { clientName: 'ixgate-figures', clientType: 'AgentApplication' },
  invalid: { clientName: '', clientType: 'AgentApplication' },
};

/** One figure, played once. */
export interface FigureRun extends Comparison {
  readonly figure: Figure;
  /** What it was played against: `chart`, `memory` or an endpoint. */
  readonly target: string;
  readonly passed: boolean;
  /** Everything that was seen, in order; what came after the first difference included. */
  readonly seen: readonly ObservedArrow[];
  /** Milliseconds the run took, by the clock it ran in. */
  readonly elapsed: number;
  /** Milliseconds from the first EventError until the server disconnected, as measured; null when it was not seen. */
  readonly timeout: number | null;
  /** Milliseconds that were watched after the last arrow of a figure that leaves the connection open; null for the others. */
  readonly watchedOpen: number | null;
  readonly steps: readonly StepRecord[];
}

export interface ChartPlayOptions extends Partial<FigureClients> {
  /** @default defaultDelays */
  readonly delays?: SeatDelays;
  /** Milliseconds (simulated) to watch that a registered client stays. @default 86400000, a day */
  readonly settle?: number;
}

/** The message of a client's arrow. */
export function messageOfArrow(
  arrow: FigureArrow,
  referenceId: number,
  clients: FigureClients = figureClients,
): WireMessage {
  const attributes = arrow.valid === null ? {} : arrow.valid ? clients.valid : clients.invalid;
  return { ...attributes, messageName: arrow.messageName ?? arrow.label, referenceId };
}

/** The chart's event for a message of a lifeline. */
export function eventSaid(from: Lifeline, message: WireMessage): RegistrationEvent {
  return eventOfMessage(from === 'Client' ? 'client' : 'server', message);
}

/** A simulated clock as a source of times; the wall clock starts at 0. */
export function simulatedTime(clock: SimulatedClock): TimeSource {
  return { wall: () => clock.now(), monotonic: () => clock.now() };
}

/** Plays a figure on the chart in the server's seat and compares what it did, its path through the chart included. */
export function playFigureOnChart(figure: Figure, options: ChartPlayOptions = {}): FigureRun {
  const { delays = defaultDelays, settle = 86_400_000 } = options;
  const { valid = figureClients.valid, invalid = figureClients.invalid } = options;
  const clients = { valid, invalid };
  const clock = new SimulatedClock();
  const steps: StepRecord[] = [];
  const session = seatedServer(clients, delays, clock, (step) => steps.push(step));

  // The client waits before each message, so that the two deadlines end at different times.
  const thinking = Math.floor(Math.min(delays.registrationTimeout, delays.rejectionTimeout) / 4);
  let referenceId = 0;
  for (const arrow of arrowsOf(figure)) {
    if (arrow.kind === 'connect') session.send({ type: 'Connected' });
    else if (arrow.kind === 'disconnect') untilDisconnected(session, clock, delays);
    else if (arrow.from === 'Client') {
      clock.increment(thinking);
      referenceId += 1;
      session.send(eventSaid('Client', messageOfArrow(arrow, referenceId, clients)));
    }
  }
  const leftOpen = arrowsOf(figure).at(-1)?.kind !== 'disconnect';
  if (leftOpen) clock.increment(settle);

  const seen = observedFrom(steps);
  const comparison = compareFigure(figure, seen, {
    watched: session.elapsed,
    timeout: { expected: delays.rejectionTimeout, tolerance: 0 },
  });
  return {
    ...comparison,
    figure,
    target: 'chart',
    passed: comparison.difference === null,
    seen,
    elapsed: clock.now(),
    timeout: measuredTimeout(seen),
    watchedOpen: leftOpen ? settle : null,
    steps,
  };
}

/** A minimal server: the chart and a rule for valid clients. */
function seatedServer(
  { valid }: FigureClients,
  delays: SeatDelays,
  clock: SimulatedClock,
  onStep: (step: StepRecord) => void,
): Session {
  const say = (message: WireMessage) => session.send(eventSaid('Interaction Server', message));
  type Rejection = Pick<ServerRejection, 'error' | 'description'>;
  const reject = (request: WireMessage, { error, description }: Rejection) =>
    say(eventError(referenceIdOf(request), errorCodes[error], description));
  const actor = createActor(
    seated({
      delays,
      actions: {
        validate(event) {
          const request = messageOfEvent(event);
          if (request.clientName === valid.clientName) say(eventAck(referenceIdOf(request)));
          else reject(request, serverEffects.validate);
        },
        refuse: (event) => reject(messageOfEvent(event), serverEffects.refuse),
      },
    }),
    { clock },
  );
  const session: Session = new Session(actor, {
    session: 'figure',
    seat: 'server',
    delays,
    onStep,
    time: simulatedTime(clock),
  });
  actor.start();
  return session;
}

/** Advances the clock by one millisecond at a time, so that the time of the disconnect is exact. */
function untilDisconnected(session: Session, clock: SimulatedClock, delays: SeatDelays): void {
  const limit = session.elapsed + delays.registrationTimeout + delays.rejectionTimeout;
  while (session.configuration !== 'disconnected' && session.elapsed < limit) clock.increment(1);
}
