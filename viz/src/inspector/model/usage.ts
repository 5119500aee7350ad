/** How often the transitions and states of a machine were used, from the held events. */
import type { InspectedApp } from '../../../../machines/engine/inspection/app.js';
import type { Definition } from '../../../../machines/engine/inspection/definition.js';
import type { LadderEntry } from '../../../../machines/engine/inspection/ladder.js';
import type { ChartTree } from '../../../layout/tree.js';
import { statesReader } from '../../chart/state-value.js';
import type { Cursor } from './moment.js';

export interface Usage {
  /** By the id of the transition: all of the machine, and 0 for those that were not taken. */
  readonly transitions: ReadonlyMap<string, number>;
  /** How often each state was entered, by its id; the same. */
  readonly states: ReadonlyMap<string, number>;
  /** Whether a counted transition is guessed. */
  readonly hasGuesses: boolean;
}

export interface UsageTotals {
  readonly transitions: { readonly used: number; readonly all: number };
  readonly states: { readonly used: number; readonly all: number };
}

/**
 * Counts the events of an app up to the cursor.
 * @param session that of one actor; null for all actors with the definition
 */
export function usageOf(
  app: InspectedApp,
  entries: readonly LadderEntry[],
  {
    definition,
    tree,
    session,
  }: {
    readonly definition: Definition;
    readonly tree: ChartTree;
    readonly session: string | null;
  },
  cursor: Cursor,
): Usage {
  const parts = definition.parts();
  const transitions = new Map(parts?.transitions.map((id) => [id, 0]));
  const states = new Map(parts?.states.map((id) => [id, 0]));
  const active = new Map<string, ReadonlySet<string>>();
  const statesOf = statesReader(tree.root);
  let hasGuesses = false;
  for (const entry of entries) {
    if (cursor !== null && entry.number > cursor) break;
    if (entry.kind === 'gap' || entry.outcome === null) continue;
    const { target, outcome } = entry;
    if (session !== null && session !== target) continue;
    if (app.actor(target)?.definition !== definition) continue;
    for (const id of outcome.transitions ?? []) add(transitions, id);
    hasGuesses ||= outcome.guessed && (outcome.transitions?.length ?? 0) > 0;
    if (outcome.state === null) continue;
    const before = active.get(target);
    const now = statesOf(outcome.state);
    for (const state of now) if (!before?.has(state)) add(states, state);
    active.set(target, now);
  }
  return { transitions, states, hasGuesses };
}

export function totalsOf(definition: Definition, { transitions, states }: Usage): UsageTotals {
  const parts = definition.parts();
  const total = (ids: readonly string[] = [], counts: ReadonlyMap<string, number>) => ({
    used: ids.filter((id) => (counts.get(id) ?? 0) > 0).length,
    all: ids.length,
  });
  return {
    transitions: total(parts?.transitions, transitions),
    states: total(parts?.states, states),
  };
}

function add(counts: Map<string, number>, id: string): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}
