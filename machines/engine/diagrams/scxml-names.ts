/** How things of XState are called in SCXML: ids, events, and expressions. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { stateNodesOf } from '../table/edges.js';
import { wordsOf } from './boxes.js';
import { jsonOf } from './names.js';

const after = /^xstate\.after\.(.+?)\.(.+)$/;
const outcome = /^xstate\.(done\.actor|error\.actor|snapshot)\.(.+)$/;

export class ScxmlNames {
  readonly #machine: AnyStateMachine;
  readonly #words: ReadonlyMap<AnyStateNode, string>;
  /** By state, the ids of its invocations in order. Ids are unique in the document. */
  readonly #invoked = new Map<AnyStateNode, string[]>();

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    this.#words = wordsOf(machine, scxmlId);
    const taken = new Set(this.#words.values());
    for (const node of stateNodesOf(machine.root)) {
      const ids = node.invoke.map(({ id }, index) => {
        // An id that XState makes contains the id of the machine.
        const own = /^\d+\./.test(id) ? `${this.state(node)}_invoke_${index}` : scxmlId(id);
        let unique = own;
        for (let copy = 2; taken.has(unique); copy += 1) unique = `${own}_${copy}`;
        taken.add(unique);
        return unique;
      });
      this.#invoked.set(node, ids);
    }
  }

  state(node: AnyStateNode): string {
    return this.#words.get(node) ?? '';
  }

  states(nodes: readonly AnyStateNode[]): string {
    return nodes.map((node) => this.state(node)).join(' ');
  }

  invoked(node: AnyStateNode): readonly string[] {
    return this.#invoked.get(node) ?? [];
  }

  /** The descriptor of an event; undefined for a transition that needs no event. */
  event(type: string, source: AnyStateNode): string | undefined {
    if (type === '') return undefined;
    const [, delay] = after.exec(type) ?? [];
    if (delay !== undefined) return this.timer(delay, source);
    if (type.startsWith('xstate.done.state.')) return `done.state.${this.state(source)}`;
    const [, kind, actor] = outcome.exec(type) ?? [];
    if (kind === undefined) return eventName(type);
    const index = source.invoke.findIndex(({ id }) => id === actor);
    const id = this.invoked(source)[index] ?? scxmlId(actor ?? '');
    return `${{ 'done.actor': 'done.invoke', 'error.actor': 'error.platform' }[kind] ?? kind}.${id}`;
  }

  /** The event of the timer of a state. */
  timer(delay: string, source: AnyStateNode): string {
    return eventName(`after.${scxmlId(delay).replace(/^_(?=\d)/, '')}.${this.state(source)}`);
  }

  /** The delays of a state, each once. */
  delays(node: AnyStateNode): string[] {
    const found = [...node.transitions.keys()].map((type) => after.exec(type)?.[1]);
    return [...new Set(found.filter((delay) => delay !== undefined))];
  }

  /** A guard as an expression; undefined without a guard. */
  guard(guard: unknown): string | undefined {
    if (guard === undefined) return undefined;
    if (typeof guard === 'string') return callOf(guard);
    const parts = guard as Readonly<Record<string, unknown>> & { readonly name?: string };
    if (Array.isArray(parts.guards)) {
      const inner = parts.guards.map((one) => this.guard(one) ?? 'true');
      if (parts.name === 'not') return `!${inner[0]}`;
      return `(${inner.join(parts.name === 'or' ? ' || ' : ' && ')})`;
    }
    if ('stateValue' in parts) {
      const all = this.#statesIn(parts.stateValue).map((node) => `In('${this.state(node)}')`);
      return all.length === 1 ? all[0] : `(${all.join(' && ')})`;
    }
    if (typeof parts.type !== 'string') return callOf(parts.name || 'guard');
    return callOf(parts.type, parts.params);
  }

  #statesIn(value: unknown): AnyStateNode[] {
    if (typeof value === 'string' && value.startsWith('#'))
      return [this.#machine.getStateNodeById(value)];
    const inside = (node: AnyStateNode, inner: unknown): AnyStateNode[] => {
      if (typeof inner === 'string') {
        let at = node;
        for (const key of inner.split('.')) at = at.states[key] ?? at;
        return [at];
      }
      return Object.entries(Object(inner)).flatMap(([key, deeper]) => {
        const child = node.states[key];
        return child ? inside(child, deeper) : [];
      });
    };
    return inside(this.#machine.root, value);
  }
}

/** A call of a function by its name: `isValid()`. */
export function callOf(name: string, params?: unknown): string {
  const called = /^[A-Za-z_$][\w$]*$/.test(name) ? name : `globalThis[${quoted(name)}]`;
  const isPlain = params !== undefined && typeof params !== 'function';
  return `${called}(${isPlain ? (jsonOf(params) ?? '') : ''})`;
}

/** A text as a literal of JavaScript. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** An event name without spaces, which separate events in SCXML. */
export function eventName(type: string): string {
  return type.replace(/\s+/g, '_');
}

/** An id that XML allows, without dots: SCXML gives them a meaning in the names of events. */
export function scxmlId(text: string): string {
  const word = text.replace(/[^A-Za-z0-9]+/g, '_');
  return /^\d/.test(word) || word === '' ? `_${word}` : word;
}
