/** Compares observed arrows with those of a figure, one by one; the same for the chart and for live servers. */

import { isAnswerName } from '../chart/message-events.js';
import { abridged, isCompleteError, referenceIdOf, type WireMessage } from '../chart/messages.js';
import { arrowsOf, type Figure, type FigureArrow } from './figures.js';
import {
  describeArrow,
  describeObserved,
  errorOf,
  measuredTimeout,
  inMilliseconds as ms,
  nameOf,
  type ObservedArrow,
} from './observed.js';

/** Kinds of differences; stable. */
export type DifferenceCode =
  | 'not-connected'
  | 'silent'
  | 'disconnected-early'
  | 'wrong-message'
  | 'wrong-reference-id'
  | 'incomplete-error'
  | 'answered-twice'
  | 'unasked-message'
  | 'no-message'
  | 'never-disconnected'
  | 'timeout-too-short'
  | 'timeout-too-long'
  | 'not-left-open'
  | 'wrong-path';

export interface Difference {
  readonly code: DifferenceCode;
  /** Index of the differing arrow; one past the last when something came after the figure. */
  readonly index: number;
  readonly expected: string;
  readonly came: string;
  /** The diagnosis: one sentence for people. */
  readonly sentence: string;
}

export interface ComparedArrow {
  readonly arrow: FigureArrow;
  /** `not-reached`: the run did not get so far, or not yet. */
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
   * End of the observation in milliseconds since the connect. An arrow missing by then is a difference; without it
   * the run still goes on and arrows may follow.
   */
  readonly watched?: number;
  /** The timeout between the first EventError and the disconnect, where known, and its tolerance; milliseconds. */
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
    if (seen.kind === 'fault') {
      const sentence = `The server sent a frame that is no message: ${seen.detail ?? 'unknown'}.`;
      return this.#difference('no-message', index, seen, sentence);
    }
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
      return this.#difference('not-connected', index, null, 'There was no connection.');
    }
    if (arrow.kind === 'disconnect') {
      const error = this.#observed.find(({ message }) => message?.messageName === 'EventError');
      const since = ms(watched - (error?.at ?? 0));
      const sentence = `The server had not disconnected ${since} after the first EventError.`;
      return this.#difference('never-disconnected', index, null, sentence);
    }
    const sentence = `The server did not answer ${this.#requestBefore(index)} within ${ms(watched - last.at)}.`;
    return this.#difference('silent', index, null, sentence);
  }

  /** An arrow of the other side or of another kind came. */
  #outOfTurn(index: number, arrow: FigureArrow, seen: ObservedArrow): Difference {
    if (seen.kind === 'disconnect') {
      const before = this.#observed[index - 1];
      const lapse = ms(seen.at - (before?.at ?? 0));
      const instead =
        arrow.from === 'Client'
          ? `${lapse} after ${this.#nameAt(index - 1)}, before the client said its next message`
          : `${lapse} after ${this.#nameAt(index - 1)} instead of sending ${arrow.label}`;
      const sentence = `The server disconnected ${instead}.`;
      return this.#difference('disconnected-early', index, seen, sentence);
    }
    return this.#unasked(index, seen);
  }

  /** A message that answers no open request. */
  #unasked(index: number, seen: ObservedArrow): Difference {
    const name = seen.message ? nameOf(seen.message) : 'a message';
    const id = referenceIdOf(seen.message ?? undefined);
    const answered = this.#observed
      .slice(0, index)
      .find(({ from, message }) => from === 'Client' && message && referenceIdOf(message) === id);
    if (answered?.message && id !== null) {
      const sentence = `The server answered ${answered.message.messageName} (reference id ${id}) twice: ${name} came after the answer.`;
      return this.#difference('answered-twice', index, seen, sentence);
    }
    const asked = this.#observed.slice(0, index).some(({ kind }) => kind === 'message');
    const when = asked ? 'unasked' : 'before the client had said anything';
    return this.#difference('unasked-message', index, seen, `The server sent ${name} ${when}.`);
  }

  #answer(index: number, arrow: FigureArrow, seen: ObservedArrow): Difference | null {
    const { message } = seen;
    if (!message) return null;
    const request = this.#requestBefore(index);
    const rightId =
      referenceIdOf(this.#observed[index - 1]?.message ?? undefined) === referenceIdOf(message);
    if (message.messageName !== arrow.messageName) {
      const verdict = isAnswerName(message.messageName);
      if (!verdict && !rightId) return this.#unasked(index, seen);
      const sentence = this.#wrongAnswer(index, arrow, message);
      return this.#difference('wrong-message', index, seen, sentence);
    }
    if (!rightId) {
      const carries = message.referenceId === undefined ? 'none' : abridged(message.referenceId);
      const sentence = `${arrow.label} carries the wrong reference id: ${carries}, where ${request} was asked.`;
      return this.#difference('wrong-reference-id', index, seen, sentence);
    }
    if (message.messageName === 'EventError' && !isCompleteError(message)) {
      const sentence =
        'EventError lacks its error code (a whole number) or its description (text).';
      return this.#difference('incomplete-error', index, seen, sentence);
    }
    return null;
  }

  #wrongAnswer(index: number, arrow: FigureArrow, message: WireMessage): string {
    const request = this.#arrows[index - 1];
    if (message.messageName === 'EventAck' && arrow.messageName === 'EventError') {
      return request?.valid === false
        ? 'The server acknowledged a client that is not valid.'
        : 'The server acknowledged a message of a client that is not registered.';
    }
    if (message.messageName === 'EventError' && arrow.messageName === 'EventAck') {
      return `The server refused a client that is valid${errorOf(message)}.`;
    }
    return `The server answered ${this.#requestBefore(index)} with ${nameOf(message)}, not with ${arrow.label}.`;
  }

  #timeout(index: number, seen: ObservedArrow): Difference | null {
    const { timeout } = this.#options;
    const measured = measuredTimeout(this.#observed);
    if (!timeout || measured === null) return null;
    const off = measured - timeout.expected;
    if (Math.abs(off) <= timeout.tolerance) return null;
    const sentence = `The server disconnected ${ms(measured)} after the first EventError; its timeout is ${ms(timeout.expected)}.`;
    return this.#difference(
      off < 0 ? 'timeout-too-short' : 'timeout-too-long',
      index,
      seen,
      sentence,
    );
  }

  #path(index: number, seen: ObservedArrow): Difference | null {
    const claimed = this.#arrows[index]?.path.join(' + ') ?? '';
    const taken = seen.transition?.join(' + ');
    if (taken === undefined || taken === claimed) return null;
    const sentence = `The chart took ${taken || 'no transition'}; the figure claims ${claimed}.`;
    return this.#difference('wrong-path', index, seen, sentence);
  }

  /** An arrow after the last one of a figure that leaves the connection open. */
  #afterwards(index: number, seen: ObservedArrow): Difference {
    if (seen.kind === 'message') return this.#unasked(index, seen);
    const before = this.#observed[index - 1];
    const lapse = ms(seen.at - (before?.at ?? 0));
    const sentence =
      seen.kind === 'fault'
        ? `The server sent a frame that is no message ${lapse} after ${this.#nameAt(index - 1)}.`
        : `The server disconnected ${lapse} after ${this.#nameAt(index - 1)}; the figure leaves the connection open.`;
    return this.#difference('not-left-open', index, seen, sentence);
  }

  #nameAt(index: number): string {
    const message = this.#observed[index]?.message;
    return message ? nameOf(message) : 'the connect';
  }

  #requestBefore(index: number): string {
    const message = this.#observed[index - 1]?.message;
    if (!message) return 'the client';
    return `${message.messageName} (reference id ${referenceIdOf(message) ?? 'none'})`;
  }

  #difference(
    code: DifferenceCode,
    index: number,
    seen: ObservedArrow | null,
    sentence: string,
  ): Difference {
    const arrow = this.#arrows[index];
    const expected = arrow ? describeArrow(arrow) : `nothing more (figure ${this.#figure.id})`;
    return { code, index, expected, came: seen ? describeObserved(seen) : 'nothing', sentence };
  }
}
