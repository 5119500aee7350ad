/** The definition of an actor's machine, as its app sent it. */
import { type AnyStateMachine, type AnyStateNode, createMachine } from 'xstate';
import { MachineParts } from '../coverage/machine-parts.js';
import { type ChartTree, chartTree } from '../diagrams/chart-tree.js';
import { type DefinitionParts, definitionParts } from './definition-parts.js';
import { guessedTransitions } from './guess.js';
import type { StateValue, TransitionRef } from './messages.js';

/** Maximum length of a definition whose transitions are named. */
const longestDefinition = 1_048_576;
/** What the serializers write for a value beyond their depth limit. */
const cutMarks: ReadonlySet<unknown> = new Set(['[Object]', '[Array]']);

/** The machine of a definition, made when it is first needed. It has no implementations and is never started. */
interface Chart {
  readonly machine: AnyStateMachine;
  readonly parts: MachineParts;
}

export class Definition {
  /** As the app sent it: JSON. */
  readonly text: string;
  /** The id of the machine; null when it has none. */
  readonly id: string | null = null;
  /** Whether it is that of a machine: Stately's client makes one with only an id for actors of promises and callbacks. */
  readonly isMachine: boolean = false;
  /** Whether the depth limit of the sender cut it. */
  readonly isCut: boolean = false;
  readonly #config: object | null = null;
  #quoted: string | null = null;
  #chart: Chart | null | undefined;

  constructor(text: string) {
    this.text = text;
    const config = parsed(text);
    if (config === null) return;
    const { id } = config as { id?: unknown };
    this.id = typeof id === 'string' ? id : null;
    this.isMachine = Object.keys(config).some((key) => key !== 'id');
    let isCut = false;
    this.#config = whole(config, () => {
      isCut = true;
    }) as object;
    this.isCut = isCut;
  }

  /** `text` as JSON. The lines about all actors of a machine share it. */
  get quoted(): string {
    this.#quoted ??= JSON.stringify(this.text);
    return this.#quoted;
  }

  /** The ids of transitions that an app named: those of `ixgate coverage` where the definition has them. */
  idsOf(refs: readonly TransitionRef[]): string[] {
    return refs.map((ref) => this.#idOf(ref));
  }

  /** The transitions that an actor has probably taken. @returns null when the definition does not tell. Never throws. */
  guess(before: StateValue, event: string, after: StateValue): readonly string[] | null {
    const chart = this.#machine();
    if (chart === null) return null;
    try {
      const nodesOf = (value: StateValue) =>
        chart.machine.resolveState({ value, context: {} })._nodes as readonly AnyStateNode[];
      return guessedTransitions(chart.parts, nodesOf(before), event, nodesOf(after));
    } catch {
      return null;
    }
  }

  /** The chart for a drawing; null when the definition is cut or is not that of a machine. Its edges have the ids of transitions. */
  tree(): ChartTree | null {
    const chart = this.#machine();
    try {
      return chart && chartTree(chart.machine);
    } catch {
      return null;
    }
  }

  /** What its machine has; null as with `tree`. */
  parts(): DefinitionParts | null {
    const chart = this.#machine();
    try {
      return chart && definitionParts(chart.machine);
    } catch {
      return null;
    }
  }

  #idOf([source, event, index]: TransitionRef): string {
    const chart = this.#machine();
    try {
      const node = chart?.machine.getStateNodeById(source);
      const among = event === '' ? node?.always : node?.transitions.get(event);
      const transition = among?.[index];
      return (transition && chart?.parts.ids.get(transition)) ?? named(source, event);
    } catch {
      return named(source, event);
    }
  }

  #machine(): Chart | null {
    if (this.#chart !== undefined) return this.#chart;
    this.#chart = null;
    if (this.#config === null || !this.isMachine) return null;
    try {
      const machine = createMachine(this.#config as object) as AnyStateMachine;
      this.#chart = { machine, parts: new MachineParts(machine) };
    } catch {
      // A cut or foreign definition: it is shown as text, without transitions.
    }
    return this.#chart;
  }
}

function named(source: string, event: string): string {
  return `${source}:${event || 'always'}`;
}

function parsed(text: string): object | null {
  if (text.length > longestDefinition) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** A copy without cut values. @param cut called for each of them */
function whole(value: unknown, cut: () => void, depth = 0): unknown {
  if (cutMarks.has(value) || depth > 500) {
    cut();
    return undefined;
  }
  if (Array.isArray(value)) {
    return value.map((one) => whole(one, cut, depth + 1)).filter((one) => one !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, whole(one, cut, depth + 1)]);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}
