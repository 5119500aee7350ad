import type { TimedMachine } from './timed-machine.js';

/** A problem of a machine in a file: where it is, and a sentence. */
export interface MachineProblem {
  readonly keyPath: readonly (string | number)[];
  readonly sentence: string;
}

/** What the schema of the file does not check: names that no state or input has. Null for none. */
export function machineProblem({ initial, inputs, states }: TimedMachine): MachineProblem | null {
  const names = new Set(states.map(({ name }) => name));
  const noState = (keyPath: MachineProblem['keyPath'], name: string) => ({
    keyPath,
    sentence: `no state has the name ${JSON.stringify(name)}`,
  });
  if (names.size < states.length) {
    return { keyPath: ['states'], sentence: 'two states have the same name' };
  }
  if (!names.has(initial)) return noState(['initial'], initial);
  for (const [index, { timeout, edges }] of states.entries()) {
    const at = ['states', index] as const;
    if (timeout && !names.has(timeout.to)) return noState([...at, 'timeout', 'to'], timeout.to);
    for (const [input, { to }] of Object.entries(edges)) {
      const keyPath = [...at, 'edges', input];
      if (!names.has(to)) return noState([...keyPath, 'to'], to);
      if (!inputs.includes(input)) {
        return { keyPath, sentence: `the machine has no input ${JSON.stringify(input)}` };
      }
    }
  }
  return null;
}
