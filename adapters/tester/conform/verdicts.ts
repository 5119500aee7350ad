import { kindOf, nameOf, registrationEdges, type StepRecord } from '../../../machines/index.js';
import { connectEdge, descriptionOf, documentedEdges, figuresOf } from './documented.js';
import type { CaseDifference, CaseResult, EdgeVerdict, Undocumented } from './result.js';

/** Names of messages that are told apart. A server can make up any number. */
const mostNames = 50;

interface Count {
  held: number;
  violated: number;
}

const undocumentedEdges = new Set(
  registrationEdges.filter(({ figures }) => figures.length === 0).map(({ id }) => id),
);

/**
 * Adds up what cases show of each transition of the chart. A transition counts as documented where it is taken as a figure takes it; taken
 * from another configuration (a client that registers once it has been refused) it is this project's own choice, and stands apart.
 */
export class Verdicts {
  readonly #documented = new Map<string, Count>();
  readonly #own = new Map<string, Count & { from: string; edge: string }>();
  readonly #undocumented = new Map<string, { edge: string; message: string; count: number }>();

  add({ case: { steps }, held, difference, steps: records }: CaseResult): void {
    this.#count(connectEdge, 'connecting', []).held += 1;
    for (const { edges, from, input } of steps.slice(0, held)) {
      for (const edge of edges) {
        // A connection that is closed at once has no deadline that could be seen.
        if (kindOf(input) === 'frame' && edge === 'registration:EventError') continue;
        this.#count(edge, from, figuresOf(edge, from, input)).held += 1;
      }
    }
    if (difference) this.violate(difference);
    for (const record of records) this.#heard(record);
  }

  violate({ edges, from, figures }: CaseDifference): void {
    for (const edge of edges) this.#count(edge, from, figures).violated += 1;
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
    const count = { held: 0, violated: 0, from, edge };
    if (isDocumented) this.#documented.set(key, count);
    else this.#own.set(key, count);
    return count;
  }

  /** What the server said that no figure shows. */
  #heard({ kind, direction, transition, payload }: StepRecord): void {
    if (kind !== 'message' || direction !== 'in' || !payload) return;
    const edge = transition.find((id) => undocumentedEdges.has(id));
    if (edge === undefined) return;
    const name = nameOf(payload);
    const key = `${edge} ${name}`;
    const known = this.#undocumented.get(key);
    if (known) known.count += 1;
    else if (this.#undocumented.size < mostNames)
      this.#undocumented.set(key, { edge, message: name, count: 1 });
  }
}

function verdictOf(count: Count | undefined): Pick<EdgeVerdict, 'held' | 'violated' | 'verdict'> {
  const { held = 0, violated = 0 } = count ?? {};
  const verdict = violated > 0 ? 'violated' : held > 0 ? 'held' : 'not-reached';
  return { verdict, held, violated };
}
