/** Arrows observed on a connection while a figure is played, and their texts. */

import { abridged } from '../../text/format.js';
import { referenceIdOf, type WireMessage } from '../chart/messages.js';
import type { FigureArrow, Lifeline } from './figures.js';

/** One observed arrow. */
export interface ObservedArrow {
  /** `fault`: an invalid frame. */
  readonly kind: FigureArrow['kind'] | 'fault';
  readonly from: Lifeline;
  /** Milliseconds since the connect. */
  readonly at: number;
  /** The message with its secrets masked; null for other arrows. */
  readonly message: WireMessage | null;
  /** The description of a fault, or of how the connection broke. */
  readonly detail?: string;
  /** The transitions that the chart took, where a chart was observed. */
  readonly transition?: readonly string[];
}

/** Milliseconds from the first EventError to the disconnect by the server; null when one of them was not observed. */
export function measuredTimeout(observed: readonly ObservedArrow[]): number | null {
  const error = observed.find(({ message }) => message?.messageName === 'EventError');
  const end = observed.find(({ kind }) => kind === 'disconnect');
  return error && end ? end.at - error.at : null;
}

/** An expected arrow in words. */
export function describeArrow({ kind, label, from, messageName }: FigureArrow): string {
  if (kind === 'disconnect') return `the ${from} disconnects`;
  if (kind === 'connect') return `the ${from} connects`;
  return label === messageName ? label : `${label} (${messageName})`;
}

/** An observed arrow in words; a message with its identifying attributes. */
export function describeObserved({ kind, from, at, message, detail }: ObservedArrow): string {
  if (kind === 'disconnect')
    return `the ${from} disconnected after ${inMilliseconds(at)}${detail ? ` (${detail})` : ''}`;
  if (kind === 'connect') return `the ${from} connected`;
  if (kind === 'fault' || !message) return `an invalid frame: ${detail ?? 'unknown'}`;
  const id = referenceIdOf(message);
  return `${nameOf(message)} (reference id ${id ?? 'none'})${errorOf(message)}`;
}

/** Code and text of an EventError, to append to its name; empty for other messages. */
export function errorOf({ messageName, errorCode, errorDescription }: WireMessage): string {
  if (messageName !== 'EventError') return '';
  return `, error code ${abridged(errorCode)}: ${abridged(errorDescription, 200)}`;
}

/** A message's name, escaped and cut to fit on one line. */
export function nameOf({ messageName }: WireMessage): string {
  return abridged(messageName, 80).replace(/^"|"$/g, '');
}

/** A duration in whole milliseconds. */
export function inMilliseconds(duration: number): string {
  return `${Math.round(duration)} ms`;
}
