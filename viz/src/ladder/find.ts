/** Finding text in the names and the contents of messages. */

import { visibleJson } from '../parts/visible.js';
import type { StepRecord } from '../state/contracts.js';
import { detailWords, placeWords, reasonWords, remarksOf } from './words.js';

export interface Match {
  readonly seq: number;
  /** The arrow itself shows it; otherwise only the opened message does. */
  readonly inSight: boolean;
}

const contents = new WeakMap<StepRecord, string>();

/** A message's content as it is shown: JSON with two blanks of indent; empty for a step without one. */
export function contentsOf(step: StepRecord): string {
  let text = contents.get(step);
  if (text === undefined) {
    text = step.payload === null ? '' : visibleJson(JSON.stringify(step.payload, null, 2));
    contents.set(step, text);
  }
  return text;
}

/** The steps a text is found in, in order; none for an empty text. Upper and lower case are the same. */
export function matchesOf(steps: readonly StepRecord[], find: string): Match[] {
  const wanted = find.trim().toLowerCase();
  if (wanted === '') return [];
  return steps.flatMap((step) => {
    const has = (text: string | null) => text?.toLowerCase().includes(wanted) ?? false;
    const said = [step.name, detailWords(step), reasonWords(step), ...remarksOf(step)];
    const inSight = said.some(has);
    const found = inSight || has(placeWords(step)) || has(contentsOf(step));
    return found ? [{ seq: step.seq, inSight }] : [];
  });
}

export interface Piece {
  readonly text: string;
  readonly hit: boolean;
}

/** A text cut where it matches. */
export function piecesOf(text: string, find: string): Piece[] {
  const wanted = find.trim().toLowerCase();
  const lower = text.toLowerCase();
  // A character whose lower case is longer would shift every place after it.
  if (wanted === '' || lower.length !== text.length) return [{ text, hit: false }];
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), hit: false });
    from = at + wanted.length;
    pieces.push({ text: text.slice(at, from), hit: true });
  }
  if (from < text.length || pieces.length === 0) {
    pieces.push({ text: text.slice(from), hit: false });
  }
  return pieces;
}
