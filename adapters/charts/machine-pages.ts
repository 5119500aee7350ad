/** What the page needs to show a machine and to walk through it. The machine stays in this process; the page gets data. */
import type { AnyStateMachine, EventObject } from 'xstate';
import { type ChartTree, chartTree } from '../../machines/engine/diagrams/chart-tree.js';
import {
  ChartWalk,
  type WalkOptions,
  type WalkStep,
} from '../../machines/engine/table/chart-walk.js';
import { ExploreError } from '../../machines/engine/table/explore-error.js';
import { toJson } from '../runtime/to-json.js';
import { type Answer, errorAnswer, json } from '../web/index.js';

/** The two sides of a protocol, for a ladder: what they send, in words. */
export interface MachineSides {
  readonly client: string;
  readonly server: string;
  /** By the event: what the client sends. */
  readonly inputs: Readonly<Record<string, string>>;
  /** By the action: what the server does. */
  readonly outputs: Readonly<Record<string, readonly SideArrow[]>>;
}

export interface SideArrow {
  readonly label: string;
  readonly kind: 'message' | 'close' | 'note';
}

/** The answer to `/machine.json`. */
export interface ShownMachine {
  readonly name: string;
  readonly tree: ChartTree;
  readonly start: WalkStep;
  /** Null for a machine that is not a protocol. */
  readonly sides: MachineSides | null;
}

export interface MachinePagesOptions extends WalkOptions {
  readonly machine: AnyStateMachine;
  readonly name: string;
  /** @default none: the page lists the steps instead of a ladder */
  readonly sides?: MachineSides | null;
}

/** `/machine.json`, and `/machine/step?from=0&event={"type":"GO"}` or `&timer=pause`. */
export class MachinePages {
  readonly #walk: ChartWalk;
  readonly #shown: ShownMachine;

  /** @throws {ExploreError} when the machine cannot start */
  constructor({ machine, name, sides = null, ...options }: MachinePagesOptions) {
    this.#walk = new ChartWalk(machine, options);
    this.#shown = { name, tree: chartTree(machine), start: this.#walk.start(), sides };
  }

  /** The answer to a path with its query; null for other paths. */
  find(url: URL): Answer | null {
    if (url.pathname === '/machine.json') return answerOf(this.#shown);
    if (url.pathname !== '/machine/step') return null;
    const input = url.searchParams.get('timer') ?? eventFrom(url.searchParams.get('event') ?? '');
    if (input === null)
      return errorAnswer(400, 'invalid event: expected JSON with a type, e.g. {"type":"GO"}');
    try {
      const from = url.searchParams.get('from') ?? '';
      return answerOf(this.#walk.take(/^\d{1,9}$/.test(from) ? Number(from) : -1, input));
    } catch (error) {
      if (error instanceof ExploreError) return errorAnswer(422, error.message);
      throw error;
    }
  }
}

function eventFrom(text: string): EventObject | null {
  try {
    const event = JSON.parse(text) as EventObject | null;
    return typeof event === 'object' && typeof event?.type === 'string' ? event : null;
  } catch {
    return null;
  }
}

/** A context may contain what JSON cannot express. */
function answerOf(value: unknown): Answer {
  try {
    return json(200, value);
  } catch {
    const text = toJson(value, () => '');
    if (text !== '') return json(200, JSON.parse(text));
    return errorAnswer(422, 'the context or an event of this step cannot be written as JSON');
  }
}
