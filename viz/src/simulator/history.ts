/** Undo and redo. The history is a list of inputs; undo plays a shorter list. */
import type { Input } from './simulation.js';

export interface History {
  readonly done: readonly Input[];
  /** Undone inputs, the next one to redo first. */
  readonly undone: readonly Input[];
}

export const noHistory: History = { done: [], undone: [] };

/** A new input clears the undone inputs. */
export function add({ done }: History, input: Input): History {
  return { done: [...done, input], undone: [] };
}

export function undo(history: History): History {
  const last = history.done.at(-1);
  if (!last) return history;
  return { done: history.done.slice(0, -1), undone: [last, ...history.undone] };
}

export function redo(history: History): History {
  const [next, ...undone] = history.undone;
  if (!next) return history;
  return { done: [...history.done, next], undone };
}
