/** The verdict on each statement of a specification, from the cases that were played. */
import { stepOf } from '../table/table.js';
import type { ExpectedStep } from '../testgen/model.js';
import type { Case } from '../testgen/suite.js';
import type { Statement } from './definition.js';
import { isTime, type ProtocolModel } from './protocol-model.js';

/** A case in which the server differed, up to the first difference. */
export interface FailedCase {
  readonly case: Case;
  /** The index of the step that differs. */
  readonly at: number;
  readonly observed: string;
}

export interface StatementVerdict {
  readonly statement: Statement;
  /** `holds`: its transitions were played, and no output broke it. */
  readonly verdict: 'holds' | 'differs' | 'not tested';
  /** The shortest case that shows the difference; null unless it differs. */
  readonly shortest: FailedCase | null;
  /** The number of cases that show a difference. */
  readonly failed: number;
}

interface Failure {
  /** The transitions that the step should have taken. */
  readonly edges: readonly string[];
  readonly failed: FailedCase;
}

/** Collects the steps of played cases, and judges statements by their transitions. */
export class StatementReport {
  readonly #model: ProtocolModel;
  /** The transitions that were played. */
  readonly #played = new Set<string>();
  readonly #failures: Failure[] = [];

  constructor(model: ProtocolModel) {
    this.#model = model;
  }

  /** @param failed null for a case that passed. */
  add(one: Case, failed: { readonly at: number; readonly observed: string } | null): void {
    const steps = failed ? one.steps.slice(0, failed.at + 1) : one.steps;
    for (const step of steps) for (const edge of step.edges) this.#played.add(edge);
    const last = failed && steps.at(-1);
    if (last) this.#failures.push({ edges: this.#edgesOf(last), failed: { case: one, ...failed } });
  }

  /** The verdict on each statement. */
  verdicts(statements: readonly Statement[]): StatementVerdict[] {
    return statements.map((statement) => {
      const failures = this.#failures.filter((one) => breaks(one, statement));
      const shortest = failures
        .map(({ failed }) => failed)
        .reduce<FailedCase | null>((a, b) => (a && a.at <= b.at ? a : b), null);
      const isPlayed = meets(statement, [...this.#played]);
      const verdict = shortest ? 'differs' : isPlayed ? 'holds' : 'not tested';
      return { statement, verdict, shortest, failed: failures.length };
    });
  }

  /** The failures that break no statement. */
  others(statements: readonly Statement[]): FailedCase[] {
    return this.#failures
      .filter((one) => !statements.some((statement) => breaks(one, statement)))
      .map(({ failed }) => failed);
  }

  /** The transitions of a step; for a deadline that came early or not at all, that of the deadline. */
  #edgesOf({ from, input, edges }: ExpectedStep): readonly string[] {
    const timer = isTime(input) ? this.#model.timerIn(from) : null;
    return timer === null ? edges : stepOf(this.#model.table, from, timer).transitions;
  }
}

function breaks({ edges, failed }: Failure, statement: Statement): boolean {
  return meets(statement, edges) && (statement.brokenBy?.(failed.observed) ?? true);
}

function meets({ edges }: Statement, taken: readonly string[]): boolean {
  return edges.some((edge) => taken.includes(edge));
}
