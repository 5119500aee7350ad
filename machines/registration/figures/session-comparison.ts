/**
 * Compares a session with a documented figure. Unlike in a played figure, the client is not ours: it may send
 * another message or leave, and only the answer shows whether it is valid.
 */
import { isRegisterName } from '../chart/message-events.js';
import {
  type Comparison,
  compareFigure,
  type Difference,
  type DifferenceCode,
} from './comparison.js';
import { arrowsOf, type Figure, type FigureArrow } from './figures.js';
import {
  describeArrow,
  describeObserved,
  errorOf,
  inMilliseconds,
  nameOf,
  type ObservedArrow,
} from './observed.js';

/**
 * Compares a session with a figure, as far as both go. Arrows after the figure's last one are not judged, and missing
 * arrows are `not-reached`.
 */
export function compareSession(figure: Figure, observed: readonly ObservedArrow[]): Comparison {
  const arrows = arrowsOf(figure);
  const within = observed.slice(0, arrows.length);
  const departures = within.map((seen, index) => departure(index, arrows[index], seen, within));
  const first = departures.findIndex((difference) => difference !== null);
  const judged = within.slice(0, first === -1 ? within.length : first).map(withoutTransition);
  const comparison = compareFigure(figure, judged);
  if (comparison.difference) {
    return { ...comparison, difference: withoutVerdict(comparison.difference, within) };
  }
  const difference = departures[first] ?? null;
  if (difference === null) return comparison;
  return {
    arrows: comparison.arrows.map((compared, index) =>
      index === first ? { ...compared, verdict: 'differs', seen: within[index] ?? null } : compared,
    ),
    difference,
  };
}

function withoutTransition({ transition: _, ...seen }: ObservedArrow): ObservedArrow {
  return seen;
}

/** Differences that a played figure cannot have: the client does something else, or the connection ends in another way. */
function departure(
  index: number,
  arrow: FigureArrow | undefined,
  seen: ObservedArrow,
  observed: readonly ObservedArrow[],
): Difference | null {
  if (!arrow) return null;
  const differs = (code: DifferenceCode, sentence: string): Difference => ({
    code,
    index,
    expected: describeArrow(arrow),
    came: describeObserved(seen),
    sentence,
  });
  if (seen.kind === 'disconnect') return endedOtherwise(index, arrow, seen, observed, differs);
  if (seen.kind !== 'message' || seen.from !== 'Client' || !seen.message) return null;
  const name = nameOf(seen.message);
  if (arrow.kind !== 'message' || arrow.from !== 'Client') {
    const instead = arrow.kind === 'disconnect' ? 'a timeout expires' : `${arrow.label} comes`;
    return differs('wrong-message', `The client sent ${name} where in the figure ${instead}.`);
  }
  const asks = isRegisterName(seen.message.messageName);
  if (asks === (arrow.valid !== null)) return null;
  const drawn = arrow.valid === null ? 'any other message' : arrow.label;
  return differs('wrong-message', `The client sent ${name} where the figure has ${drawn}.`);
}

function endedOtherwise(
  index: number,
  arrow: FigureArrow,
  seen: ObservedArrow,
  observed: readonly ObservedArrow[],
  differs: (code: DifferenceCode, sentence: string) => Difference,
): Difference | null {
  const ended = seen.from === arrow.from && arrow.kind === 'disconnect';
  const expired = seen.transition?.some((edge) => edge.endsWith('Timeout')) ?? true;
  if (ended && expired) return null;
  const before = observed[index - 1];
  const lapse = inMilliseconds(seen.at - (before?.at ?? 0));
  const after = before?.message ? nameOf(before.message) : 'the connect';
  const how = seen.detail ? `: ${seen.detail}` : '';
  const figure =
    arrow.kind === 'disconnect'
      ? 'in the figure a timeout expires first'
      : `the figure goes on with ${arrow.label}`;
  return differs(
    'disconnected-early',
    `The connection ended ${lapse} after ${after}${how}; ${figure}.`,
  );
}

/** Removes the validity of the client from the sentence: it is known in a played figure only. */
function withoutVerdict(difference: Difference, observed: readonly ObservedArrow[]): Difference {
  const message = observed[difference.index]?.message;
  if (difference.code !== 'wrong-message' || !message) return difference;
  const did =
    message.messageName === 'EventAck'
      ? 'acknowledged'
      : message.messageName === 'EventError'
        ? `refused${errorOf(message)},`
        : `sent ${nameOf(message)}`;
  const sentence = `The server ${did} where the figure has ${difference.expected}.`;
  return { ...difference, sentence };
}
