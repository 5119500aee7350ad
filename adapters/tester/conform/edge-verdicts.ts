import { registrationEdges } from '../../../machines/registration/chart/edges.js';
import { nameOf } from '../../../machines/registration/figures/observed.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { kindOf } from '../../../machines/registration/sut/inputs.js';
import { connectEdge, descriptionOf, documentedEdges, figuresOf } from './documented-edges.js';
import type { CaseDifference, CaseResult, EdgeVerdict, Undocumented } from './result.js';

/** Number of message names that are counted separately. A server can invent any number. */
const maxNames = 50;

interface Count {
  passed: number;
  failed: number;
}

const undocumentedEdges = new Set(
  registrationEdges.filter(({ figures }) => figures.length === 0).map(({ id }) => id),
);

/**
 * Adds up the results of the cases for each transition of the chart. A transition is documented when it is taken as in a figure. From
 * another configuration (a refused client registers again) it is this project's own choice, and is counted separately.
 */
export class EdgeVerdicts {
  readonly #documented = new Map<string, Count>();
  readonly #own = new Map<string, Count & { from: string; edge: string }>();
  readonly #undocumented = new Map<string, { edge: string; message: string; count: number }>();

  add({ case: { steps }, passed, difference, steps: records }: CaseResult): void {
    this.#count(connectEdge, 'connecting', []).passed += 1;
    for (const { edges, from, input } of steps.slice(0, passed)) {
      for (const edge of edges) {
        // A connection that closes at once shows no deadline.
        if (kindOf(input) === 'frame' && edge === 'registration:EventError') continue;
        this.#count(edge, from, figuresOf(edge, from, input)).passed += 1;
      }
    }
    if (difference) this.#countFailure(difference);
    for (const record of records) this.#countUndocumented(record);
  }

  #countFailure({ edges, from, figures }: CaseDifference): void {
    for (const edge of edges) this.#count(edge, from, figures).failed += 1;
  }

  get edges(): EdgeVerdict[] {
    const documented = documentedEdges().map(({ edge, figures }) => {
      const count = this.#documented.get(edge);
      const description = descriptionOf(edge);
      return { edge, from: null, description, figures, ...verdictOf(count) };
    });
    const own = [...this.#own.values()].map(({ edge, from, ...count }) => ({
      edge,
      from,
      description: descriptionOf(edge),
      figures: [],
      ...verdictOf(count),
    }));
    return [...documented, ...own];
  }

  get undocumented(): Undocumented[] {
    return [...this.#undocumented.values()].map((one) => ({
      ...one,
      description: descriptionOf(one.edge),
    }));
  }

  #count(edge: string, from: string, figures: readonly string[]): Count {
    const isDocumented = figures.length > 0 || edge === connectEdge;
    const key = isDocumented ? edge : `${edge} ${from}`;
    const counts = isDocumented ? this.#documented : this.#own;
    const known = counts.get(key);
    if (known) return known;
    const count = { passed: 0, failed: 0, from, edge };
    if (isDocumented) this.#documented.set(key, count);
    else this.#own.set(key, count);
    return count;
  }

  /** Counts a message of the server that no figure shows. */
  #countUndocumented({ kind, direction, transition, payload }: StepRecord): void {
    if (kind !== 'message' || direction !== 'in' || !payload) return;
    const edge = transition.find((id) => undocumentedEdges.has(id));
    if (edge === undefined) return;
    const name = nameOf(payload);
    const key = `${edge} ${name}`;
    const known = this.#undocumented.get(key);
    if (known) known.count += 1;
    else if (this.#undocumented.size < maxNames)
      this.#undocumented.set(key, { edge, message: name, count: 1 });
  }
}

function verdictOf(count: Count | undefined): Pick<EdgeVerdict, 'passed' | 'failed' | 'verdict'> {
  const { passed = 0, failed = 0 } = count ?? {};
  const verdict = failed > 0 ? 'fail' : passed > 0 ? 'pass' : 'not-reached';
  return { verdict, passed, failed };
}
