/**
 * The documented figures as executable data. Source: Genesys Events and Models Reference, page "Registration". The arrows contain only what
 * the page states. `readings` contains what the page leaves open and this project adds.
 */
import type { FigureId } from '../chart/registration.js';

/** The source of every figure. */
export const figureSource =
  'Genesys Events and Models Reference, "Registration" (versions 7.x, 8.x and 9.x)';

/** The two lifelines of every figure, from left to right. */
export const lifelines = ['Client', 'Interaction Server'] as const;
export type Lifeline = (typeof lifelines)[number];

/** One arrow of a figure: the connect, a message, or the disconnect. */
export interface FigureArrow {
  readonly kind: 'connect' | 'message' | 'disconnect';
  readonly from: Lifeline;
  readonly to: Lifeline;
  /** The label of the arrow in the figure. */
  readonly label: string;
  /** The name of the message to send; null for the connect and the disconnect. */
  readonly messageName: string | null;
  /** Whether the server must accept the client of this request; null for other arrows. */
  readonly valid: boolean | null;
  /** The transitions of the chart that this arrow takes (ids of `Edge`). */
  readonly path: readonly string[];
}

/** A note between two arrows: the timeout, which is not a message. */
export interface FigureNote {
  readonly kind: 'note';
  readonly label: string;
}

export interface Figure {
  readonly id: FigureId;
  readonly title: string;
  readonly source: string;
  readonly lifelines: readonly [Lifeline, Lifeline];
  /** The arrows and the notes from top to bottom. */
  readonly steps: readonly (FigureArrow | FigureNote)[];
  /** What running the figure adds to the page: readings of this project, not statements of Genesys. */
  readonly readings: readonly string[];
}

const [client, server] = lifelines;

const connect: FigureArrow = {
  kind: 'connect',
  from: client,
  to: server,
  label: 'connect',
  messageName: null,
  valid: null,
  path: ['connecting:Connected'],
};

const request = (valid: boolean): FigureArrow => ({
  kind: 'message',
  from: client,
  to: server,
  label: 'RequestRegisterClient',
  messageName: 'RequestRegisterClient',
  valid,
  path: ['awaiting:RequestRegisterClient'],
});

const anyMessage: FigureArrow = {
  kind: 'message',
  from: client,
  to: server,
  label: 'any message',
  messageName: 'RequestAgentLogin',
  valid: null,
  path: ['awaiting:OtherMessage'],
};

const acknowledged: FigureArrow = {
  kind: 'message',
  from: server,
  to: client,
  label: 'EventAck',
  messageName: 'EventAck',
  valid: null,
  path: ['validating:EventAck'],
};

const refused = (...path: string[]): FigureArrow => ({
  kind: 'message',
  from: server,
  to: client,
  label: 'EventError',
  messageName: 'EventError',
  valid: null,
  path,
});

const timeout: FigureNote = { kind: 'note', label: 'a timeout expires' };

const disconnect: FigureArrow = {
  kind: 'disconnect',
  from: server,
  to: client,
  label: 'disconnect',
  messageName: null,
  valid: null,
  path: ['rejection:rejectionTimeout'],
};

const echoed = 'The answer has the reference id of the request. The page does not state this.';
const deadline =
  'The timeout runs from the first EventError. The page does not state when it starts.';
const example =
  'RequestAgentLogin, the usual next message, is played as "any message". The page names no message.';

const figure = (
  id: FigureId,
  title: string,
  steps: Figure['steps'],
  readings: Figure['readings'],
): Figure => ({ id, title, source: figureSource, lifelines, steps, readings });

/** The two figures of the page; the second one has three versions. */
export const figures: readonly Figure[] = [
  figure(
    '1',
    'Successful registration',
    [connect, request(true), acknowledged],
    [
      echoed,
      'The connection stays open, and the server sends nothing without a request. The page shows nothing after EventAck.',
    ],
  ),
  figure(
    '2a',
    'Unsuccessful registration: the client is not valid',
    [
      connect,
      request(false),
      refused('validating:EventError', 'registration:EventError'),
      timeout,
      disconnect,
    ],
    [echoed, deadline],
  ),
  figure(
    '2b',
    'Unsuccessful registration: a message of a client that is not registered',
    [
      connect,
      anyMessage,
      refused('refusing:EventError', 'registration:EventError'),
      timeout,
      disconnect,
    ],
    [example, echoed, deadline],
  ),
  figure(
    '2c',
    'Unsuccessful registration: the client is not valid, then sends any message',
    [
      connect,
      request(false),
      refused('validating:EventError', 'registration:EventError'),
      anyMessage,
      refused('refusing:EventError'),
      timeout,
      disconnect,
    ],
    [example, echoed, `${deadline} The second EventError does not restart it.`],
  ),
];

/**
 * The figure with this id.
 * @throws {RangeError} when the id is unknown; the message lists the ids.
 */
export function findFigure(id: string): Figure {
  const found = figures.find((candidate) => candidate.id === id);
  if (found) return found;
  const ids = figures.map((candidate) => candidate.id).join(', ');
  throw new RangeError(`unknown figure ${JSON.stringify(id)}: expected one of ${ids}`);
}

/** A figure's arrows without its notes, from top to bottom. */
export function arrowsOf({ steps }: Figure): FigureArrow[] {
  return steps.filter((step): step is FigureArrow => step.kind !== 'note');
}

/** The path of a figure through the chart: ids of transitions, in order. */
export function pathOf(drawn: Figure): string[] {
  return arrowsOf(drawn).flatMap((arrow) => arrow.path);
}
