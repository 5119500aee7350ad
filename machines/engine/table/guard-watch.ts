/** Which results the guards of a chart had while it was explored. */
import { type AnyStateMachine, and } from 'xstate';
import { identifiedTransitions } from './edges.js';
import type { GuardResults } from './table.js';

/** `and` of XState with its parts: a guard that asks others. */
interface BuiltInGuard {
  (...args: unknown[]): unknown;
  readonly check: (...args: unknown[]) => boolean;
}

export class GuardWatch {
  readonly #results = new Map<string, { guard: string; wasTrue: boolean; wasFalse: boolean }>();

  /** In document order. */
  get results(): readonly GuardResults[] {
    return [...this.#results].map(([transition, result]) => ({ transition, ...result }));
  }

  /** Watches the guards of a copy of a machine. Its transitions are changed in place. */
  watch(copy: AnyStateMachine): void {
    for (const { id, transition } of identifiedTransitions(copy)) {
      const { guard } = transition;
      if (guard === undefined) continue;
      const result = { guard: guardName(guard), wasTrue: false, wasFalse: false };
      this.#results.set(id, result);
      const asked = and([guard as never]) as unknown as BuiltInGuard;
      const check = (...args: unknown[]) => {
        const isTrue = asked.check(...args);
        result[isTrue ? 'wasTrue' : 'wasFalse'] = true;
        return isTrue;
      };
      Object.assign(transition, { guard: Object.assign(() => false, asked, { check }) });
    }
  }
}

/** The name of a guard, or `inline`. */
export function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  const { type, name } = guard as { type?: unknown; name?: unknown };
  if (typeof type === 'string' && !type.startsWith('xstate.')) return type;
  return typeof guard === 'function' && typeof name === 'string' && name !== '' && name !== 'guard'
    ? name
    : 'inline';
}
