/** The table of `ixgate mutate`. */
import type { MutantGroup } from '../../../machines/engine/mutation/behaviours.js';
import type { Kills } from '../../../machines/engine/mutation/evaluate-suite.js';
import type { Population } from '../../../machines/engine/mutation/population.js';
import {
  type MutantColumn,
  mutantCounts,
  shareKilled,
} from '../../../machines/engine/mutation/strength.js';
import type { Criterion } from '../../../machines/engine/testgen/criteria.js';
import { formatRow } from '../../runtime/text-table.js';

/** Formats one line for each suite. */
export class MutantTable {
  readonly #population: Population;
  readonly #columns: readonly MutantColumn[];
  readonly #width: number;

  /** @param criteria those of the lines. */
  constructor(
    population: Population,
    columns: readonly MutantColumn[],
    criteria: readonly Criterion[],
  ) {
    this.#population = population;
    this.#columns = columns;
    this.#width = Math.max('criterion'.length, ...criteria.map(({ length }) => length));
  }

  head(): string {
    const { mutants, equivalent, differing, distinct } = mutantCounts(this.#population);
    return [
      `${mutants} mutants: ${equivalent} are equivalent to the chart, the other ${differing} have ${distinct} different behaviours.`,
      'Mutants killed by the suite of each criterion, of those that are not equivalent:',
      '',
      this.#row(['criterion', 'cases', 'inputs'], ({ name }) => name),
    ].join('\n');
  }

  line(kills: Kills): string {
    const { criterion, cases, inputs } = kills;
    return this.#row([criterion, `${cases}`, `${inputs}`], (column) => shareKilled(column, kills));
  }

  #row(
    [name, cases, inputs]: readonly [string, string, string],
    cell: (column: MutantColumn) => string,
  ) {
    const right = (width: number) => ({ width, align: 'right' as const });
    const widths = this.#columns.map((column) =>
      right(Math.max(column.name.length, 2 * `${column.total}`.length + 1)),
    );
    return formatRow(
      [name, cases, inputs, ...this.#columns.map(cell)],
      [{ width: this.#width }, right(6), right(7), ...widths],
    );
  }
}

/** Mutants that a suite does not kill, and a case that would. */
export function survivor({ mutants, difference }: MutantGroup): string {
  const [first, ...others] = mutants;
  const alike = others.length > 0 ? ` (and ${others.length} with the same behaviour)` : '';
  return `  ${first?.kind}: ${first?.description}${alike}\n    killed by ${difference?.join(', ')}`;
}
