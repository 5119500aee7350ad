/** What is seen on a connection while a figure is played, and how it is put into words. */

import { abridged } from '../../text/format.js';
import { referenceIdOf, type WireMessage } from '../chart/messages.js';
import type { FigureArrow, Lifeline } from './figures.js';

/** One thing that was seen on a connection. */
export interface ObservedArrow {
  /** `fault`: an invalid frame. */
  readonly kind: FigureArrow['kind'] | 'fault';
  readonly from: Lifeline;
  /** Milliseconds since the connect. */
  readonly at: number;
  /** What was said, fit to be shown; null where nothing was. */
  readonly message: WireMessage | null;
  /** What a fault was, or how the connection broke. */
  readonly detail?: string;
  /** The transitions the chart took for it, where a chart was watched. */
  readonly transition?: readonly string[];
}

/** Milliseconds from the first EventError until the server disconnected; null when one of them was not seen. */
export function measuredTimeout(observed: readonly ObservedArrow[]): number | null {
  const error = observed.find(({ message }) => message?.messageName === 'EventError');
  const end = observed.find(({ kind }) => kind === 'disconnect');
  return error && end ? end.at - error.at : null;
}

/** What an arrow asks for, in words. */
export function describeArrow({ kind, label, from, messageName }: FigureArrow): string {
  if (kind === 'disconnect') return `the ${from} disconnects`;
  if (kind === 'connect') return `the ${from} connects`;
  return label === messageName ? label : `${label} (${messageName})`;
}

/** What was seen, in words; a message with what tells it apart. */
export function describeObserved({ kind, from, at, message, detail }: ObservedArrow): string {
  if (kind === 'disconnect')
    return `the ${from} disconnected after ${inMilliseconds(at)}${detail ? ` (${detail})` : ''}`;
  if (kind === 'connect') return `the ${from} connected`;
  if (kind === 'fault' || !message) return `an invalid frame: ${detail ?? 'unknown'}`;
  const id = referenceIdOf(message);
  return `${nameOf(message)} (reference id ${id ?? 'none'})${errorOf(message)}`;
}

/** Code and text of an EventError, to follow its name; nothing for other messages. */
export function errorOf({ messageName, errorCode, errorDescription }: WireMessage): string {
  if (messageName !== 'EventError') return '';
  return `, error code ${abridged(errorCode)}: ${abridged(errorDescription, 200)}`;
}

/** A message's name on one line, however long it is and whatever it holds. */
export function nameOf({ messageName }: WireMessage): string {
  return abridged(messageName, 80).replace(/^"|"$/g, '');
}

/** A duration in whole milliseconds. */
export function inMilliseconds(duration: number): string {
  return `${Math.round(duration)} ms`;
}
