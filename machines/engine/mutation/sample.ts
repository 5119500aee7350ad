/** Samples of the mutants of a table: a large chart has more than a run can examine. */
import type { ChartTable } from '../table/table.js';
import { generatorOf } from '../testgen/random.js';
import { mistakesIn, stateOf } from './mistakes.js';
import type { Mutant } from './mutant.js';
import { hiddenMutant, hiddenTable, mutantsOf, plainMutant } from './mutants.js';

/** Charts with more wrong targets than this are not enumerated. */
const maxEnumerated = 200_000;

/** How many draws in a row may be mutants that were drawn before. */
const maxMisses = 1_000;

/**
 * At most `limit` mutants of a table; the same each time. Of a small chart each mutant is as probable as the others; of a large one half
 * of them have a hidden state, and each state is as probable as the others.
 */
export function sampleOfMutants(table: ChartTable, limit: number): Iterable<Mutant> {
  if (limit === Number.POSITIVE_INFINITY) return mutantsOf(table);
  const { length } = Object.keys(table.states);
  const targets = length * length * (table.events.length + table.timers.length);
  return targets > maxEnumerated ? drawn(table, limit) : reservoir(mutantsOf(table), limit);
}

/** Algorithm R (Vitter 1985), in the order of the mutants. */
function reservoir(mutants: Iterable<Mutant>, limit: number): Iterable<Mutant> {
  const random = generatorOf(1);
  const kept: (readonly [at: number, mutant: Mutant])[] = [];
  let at = 0;
  for (const mutant of mutants) {
    const place = at < limit ? at : Math.floor(random() * (at + 1));
    if (place < limit) kept[place] = [at, mutant];
    at += 1;
  }
  return kept.sort(([one], [other]) => one - other).map(([, mutant]) => mutant);
}

function* drawn(table: ChartTable, limit: number): Generator<Mutant> {
  const random = generatorOf(1);
  const any = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const states = Object.keys(table.states).filter((state) => !stateOf(table, state).isFinal);
  const known = new Set<string>();
  for (let misses = 0; known.size < limit && misses < maxMisses; misses += 1) {
    const mutant = random() < 0.5 ? plain() : hidden();
    if (!mutant || known.has(mutant.description)) continue;
    known.add(mutant.description);
    misses = 0;
    yield mutant;
  }

  function plain(): Mutant | null {
    const mistake = any([...mistakesIn(table, any(states) ?? '')]);
    return mistake ? plainMutant(table, mistake) : null;
  }

  function hidden(): Mutant | null {
    const state = any(states) ?? '';
    const [input, step] = any(Object.entries(table.steps[state] ?? {})) ?? [];
    if (input === undefined || !step || stateOf(table, step.to).isFinal) return null;
    const larger = hiddenTable(table, state, input, step);
    const mistake = any([...mistakesIn(larger.table, larger.copy)]);
    return mistake ? hiddenMutant(larger, mistake) : null;
  }
}
