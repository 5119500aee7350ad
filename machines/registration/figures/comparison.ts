/** Compares observed arrows with a figure, arrow by arrow; the same for the chart and for live servers. */

import { referenceIdOf } from '../chart/messages.js';
import { arrowsOf, type Figure, type FigureArrow } from './figures.js';
import {
  describeArrow,
  describeObserved,
  measuredTimeout,
  inMilliseconds as ms,
  nameOf,
  type ObservedArrow,
} from './observed.js';
import {
  answeredTwice,
  compareAnswer,
  describeMessage,
  disconnectedAt,
  disconnectedInstead,
  invalidFrame,
  notDisconnected,
  type RequestKind,
  type ServerFinding,
  unanswered,
  unsolicitedMessage,
  unsolicitedWhen,
} from './server-findings.js';

/** Kinds of differences. The codes are stable. */
export type DifferenceCode =
  | 'not-connected'
  | 'silent'
  | 'disconnected-early'
  | 'wrong-message'
  | 'wrong-reference-id'
  | 'incomplete-error'
  | 'answered-twice'
  | 'unsolicited-message'
  | 'invalid-frame'
  | 'never-disconnected'
  | 'timeout-too-short'
  | 'timeout-too-long'
  | 'not-left-open'
  | 'wrong-path';

export interface Difference {
  readonly code: DifferenceCode;
  /** Index of the arrow that differs; one past the last for an arrow after the end of the figure. */
  readonly index: number;
  readonly expected: string;
  readonly came: string;
  /** The diagnosis in one sentence. */
  readonly sentence: string;
}

export interface ComparedArrow {
  readonly arrow: FigureArrow;
  /** `not-reached`: the figure was not played this far. */
  readonly verdict: 'ok' | 'differs' | 'not-reached';
  readonly seen: ObservedArrow | null;
}

export interface Comparison {
  /** Every arrow of the figure, in order. */
  readonly arrows: readonly ComparedArrow[];
  /** The first difference, or null. Later arrows are not judged. */
  readonly difference: Difference | null;
}

export interface ComparisonOptions {
  /**
   * When the observation ended, in milliseconds since the connect. An arrow that is missing then is a difference. Without this value the
   * figure is still being played, and arrows may still come.
   */
  readonly watched?: number;
  /** The known timeout between the first EventError and the disconnect, and its tolerance, in milliseconds. */
  readonly timeout?: { readonly expected: number; readonly tolerance: number } | undefined;
}

/** Compares observed arrows, in order, with a figure. */
export function compareFigure(
  figure: Figure,
  observed: readonly ObservedArrow[],
  options: ComparisonOptions = {},
): Comparison {
  const arrows = arrowsOf(figure);
  const played = new PlayedFigure(figure, observed, options);
  let difference: Difference | null = null;
  for (let index = 0; index <= arrows.length && difference === null; index += 1) {
    difference = played.differenceAt(index);
  }
  const end = difference?.index ?? Math.min(observed.length, arrows.length);
  return {
    arrows: arrows.map((arrow, index) => ({
      arrow,
      verdict: index < end ? 'ok' : index === difference?.index ? 'differs' : 'not-reached',
      seen: index < end || index === difference?.index ? (observed[index] ?? null) : null,
    })),
    difference,
  };
}

class PlayedFigure {
  readonly #figure: Figure;
  readonly #arrows: readonly FigureArrow[];
  readonly #observed: readonly ObservedArrow[];
  readonly #options: ComparisonOptions;

  constructor(figure: Figure, observed: readonly ObservedArrow[], options: ComparisonOptions) {
    this.#figure = figure;
    this.#arrows = arrowsOf(figure);
    this.#observed = observed;
    this.#options = options;
  }

  differenceAt(index: number): Difference | null {
    const arrow = this.#arrows[index];
    const seen = this.#observed[index];
    if (!seen) return arrow ? this.#missing(index, arrow) : null;
    if (!arrow) return this.#afterwards(index, seen);
    if (seen.kind === 'fault')
      return this.#difference(index, seen, invalidFrame('server', seen.detail));
    if (seen.kind !== arrow.kind || seen.from !== arrow.from) {
      return this.#outOfTurn(index, arrow, seen);
    }
    if (arrow.kind === 'disconnect') return this.#timeout(index, seen) ?? this.#path(index, seen);
    if (arrow.kind === 'message' && arrow.from === 'Interaction Server') {
      return this.#answer(index, arrow, seen) ?? this.#path(index, seen);
    }
    return this.#path(index, seen);
  }

  #missing(index: number, arrow: FigureArrow): Difference | null {
    const { watched } = this.#options;
    if (watched === undefined) return null;
    const last = this.#observed.at(-1);
    if (!last) {
      const sentence = 'There was no connection.';
      return this.#difference(index, null, { code: 'not-connected', sentence });
    }
    if (arrow.kind === 'disconnect') {
      const error = this.#observed.find(({ message }) => message?.messageName === 'EventError');
      const finding = notDisconnected(watched - (error?.at ?? 0), 'the first EventError');
      return this.#difference(index, null, finding);
    }
    const finding = unanswered(this.#requestBefore(index), watched - last.at);
    return this.#difference(index, null, finding);
  }

  /** An arrow of the wrong kind, or from the wrong side. */
  #outOfTurn(index: number, arrow: FigureArrow, seen: ObservedArrow): Difference {
    if (seen.kind === 'disconnect') {
      const lapse = seen.at - (this.#observed[index - 1]?.at ?? 0);
      const after = this.#nameAt(index - 1);
      if (arrow.from !== 'Client')
        return this.#difference(index, seen, disconnectedInstead(lapse, after, arrow.label));
      const sentence = `The server disconnected ${ms(lapse)} after ${after}, before the client sent its next message.`;
      return this.#difference(index, seen, { code: 'disconnected-early', sentence });
    }
    return this.#unsolicited(index, seen);
  }

  /** A message that answers no pending request. */
  #unsolicited(index: number, seen: ObservedArrow): Difference {
    const name = seen.message ? nameOf(seen.message) : 'a message';
    const answered = this.#requestOf(seen, index);
    if (answered?.message)
      return this.#difference(index, seen, answeredTwice(describeMessage(answered.message), name));
    const hasSent = this.#observed.slice(0, index).some(({ kind }) => kind === 'message');
    const when = unsolicitedWhen(seen.message, hasSent);
    return this.#difference(index, seen, unsolicitedMessage(name, when));
  }

  /** The request before an arrow that has the reference id of a message. */
  #requestOf({ message }: ObservedArrow, index: number): ObservedArrow | undefined {
    const id = referenceIdOf(message ?? undefined);
    if (id === null) return undefined;
    return this.#observed
      .slice(0, index)
      .find((one) => one.from === 'Client' && referenceIdOf(one.message ?? undefined) === id);
  }

  #answer(index: number, arrow: FigureArrow, seen: ObservedArrow): Difference | null {
    if (!seen.message) return null;
    const referenceId = referenceIdOf(this.#observed[index - 1]?.message ?? undefined);
    // A late second answer to an earlier request does not answer this one.
    const isOwn = referenceIdOf(seen.message) === referenceId;
    if (!isOwn && this.#requestOf(seen, index)) return this.#unsolicited(index, seen);
    const found = compareAnswer(seen.message, {
      messageName: arrow.messageName ?? arrow.label,
      kind: this.#requestKind(index),
      request: this.#requestBefore(index),
      referenceId,
    });
    if (found === 'unsolicited') return this.#unsolicited(index, seen);
    return found && this.#difference(index, seen, found);
  }

  #requestKind(index: number): RequestKind {
    const valid = this.#arrows[index - 1]?.valid ?? null;
    if (valid === null) return 'unregistered-message';
    return valid ? 'valid-client' : 'invalid-client';
  }

  #timeout(index: number, seen: ObservedArrow): Difference | null {
    const { timeout } = this.#options;
    const measured = measuredTimeout(this.#observed);
    if (!timeout || measured === null) return null;
    const off = measured - timeout.expected;
    if (Math.abs(off) <= timeout.tolerance) return null;
    const known = `its rejection timeout is ${ms(timeout.expected)}`;
    const finding = disconnectedAt(measured, off > 0, 'the first EventError', known);
    return this.#difference(index, seen, finding);
  }

  #path(index: number, seen: ObservedArrow): Difference | null {
    const claimed = this.#arrows[index]?.path.join(' + ') ?? '';
    const taken = seen.transition?.join(' + ');
    if (taken === undefined || taken === claimed) return null;
    const sentence = `The chart took ${taken || 'no transition'}; the figure claims ${claimed}.`;
    return this.#difference(index, seen, { code: 'wrong-path', sentence });
  }

  /** An arrow after the last one of a figure that leaves the connection open. */
  #afterwards(index: number, seen: ObservedArrow): Difference {
    if (seen.kind === 'message') return this.#unsolicited(index, seen);
    const before = this.#observed[index - 1];
    const lapse = ms(seen.at - (before?.at ?? 0));
    const sentence =
      seen.kind === 'fault'
        ? `The server sent an invalid frame ${lapse} after ${this.#nameAt(index - 1)}.`
        : `The server disconnected ${lapse} after ${this.#nameAt(index - 1)}; the figure leaves the connection open.`;
    return this.#difference(index, seen, { code: 'not-left-open', sentence });
  }

  #nameAt(index: number): string {
    const message = this.#observed[index]?.message;
    return message ? nameOf(message) : 'the connect';
  }

  #requestBefore(index: number): string {
    const message = this.#observed[index - 1]?.message;
    return message ? describeMessage(message) : 'the client';
  }

  #difference(
    index: number,
    seen: ObservedArrow | null,
    { code, sentence }: ServerFinding<DifferenceCode>,
  ): Difference {
    const arrow = this.#arrows[index];
    const expected = arrow ? describeArrow(arrow) : `nothing more (figure ${this.#figure.id})`;
    return { code, index, expected, came: seen ? describeObserved(seen) : 'nothing', sentence };
  }
}
