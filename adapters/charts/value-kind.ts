/** What a value is that is exported where a machine is expected. */
import { Actor, type AnyStateMachine, StateMachine } from 'xstate';

/** Whether a value is a machine of the xstate that ixgate imports. */
export function isMachine(value: unknown): value is AnyStateMachine {
  return value instanceof StateMachine;
}

/** The maker of a machine that is not of this xstate; null for everything else. */
export function otherMaker(value: unknown): 'xstate 4 or older' | 'another copy of xstate' | null {
  const given = Object(value) as Record<string, unknown>;
  if (isMachine(value) || typeof given.transition !== 'function') return null;
  if (typeof given.withContext === 'function') return 'xstate 4 or older';
  return typeof given.provide === 'function' ? 'another copy of xstate' : null;
}

/** A noun phrase for the value, and the fix. */
export function kindAndFix(value: unknown, name: string): readonly [kind: string, fix: string] {
  const given = Object(value) as Record<string, unknown>;
  const called = name === 'default' ? 'export default' : `export const ${name} =`;
  if (typeof value === 'function') {
    const call = `${value.name && value.name !== 'default' ? value.name : 'makeMachine'}()`;
    return ['a function', `If it makes a machine, call it in the module: ${called} ${call}`];
  }
  if (value instanceof Actor) return ['an actor', 'Export its machine'];
  if (typeof given.then === 'function')
    return ['a promise', `If it resolves to a machine: ${called} await ...`];
  if (typeof given.createMachine === 'function')
    return [
      'the result of setup',
      `Call createMachine of it: ${called} setup(...).createMachine(...)`,
    ];
  if (typeof given.transition === 'function')
    return ['actor logic without states', 'Export a machine'];
  if ('states' in given || 'initial' in given)
    return ['a configuration', `Make a machine of it: ${called} createMachine(...)`];
  if (value === null || value === undefined) return [String(value), 'Export a machine'];
  return [
    Array.isArray(value) ? 'an array' : `${article(typeof value)} ${typeof value}`,
    'Export a machine',
  ];
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? 'an' : 'a';
}
