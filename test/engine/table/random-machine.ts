/** Small random Mealy machines. */
import fc from 'fast-check';
import type { MealyMachine } from '../../../machines/index.js';

/** A machine as numbers: the target and the output of each state and input. */
export interface Drawn {
  readonly inputs: number;
  readonly steps: readonly (readonly { readonly to: number; readonly output: number }[])[];
  /** Whether each state is terminal; the first state never is. */
  readonly over: readonly boolean[];
}

/** @param maxStates 1 or more, including the terminal states. */
export function drawnMachines(
  maxStates: number,
  inputs: number,
  outputs: number,
): fc.Arbitrary<Drawn> {
  return fc.integer({ min: 1, max: maxStates }).chain((states) => {
    const step = fc.record({ to: fc.nat(states - 1), output: fc.nat(outputs - 1) });
    const row = fc.array(step, { minLength: inputs, maxLength: inputs });
    return fc.record({
      inputs: fc.constant(inputs),
      steps: fc.array(row, { minLength: states, maxLength: states }),
      over: fc.array(
        fc.nat(3).map((n) => n === 0),
        { minLength: states, maxLength: states },
      ),
    });
  });
}

/** The machine with its reachable states. */
export function machineOf({ inputs, steps, over }: Drawn): MealyMachine {
  const names = Array.from({ length: inputs }, (_, at) => 'abcdefgh'[at] ?? '');
  const isTerminal = (state: string) => state !== 's0' && (over[Number(state.slice(1))] ?? false);
  const step = (state: string, input: string) => {
    if (isTerminal(state)) return { to: state, output: '' };
    const found = steps[Number(state.slice(1))]?.[names.indexOf(input)];
    return { to: `s${found?.to}`, output: String(found?.output) };
  };
  const states = new Set(['s0']);
  for (const state of states) for (const input of names) states.add(step(state, input).to);
  return { initial: 's0', states: [...states], inputs: names, step, isTerminal };
}

/** A shortest sequence of inputs for which two machines differ; null when they are equivalent. The end of a session is observable. */
export function difference(one: MealyMachine, other: MealyMachine): string[] | null {
  if (one.isTerminal?.(one.initial) !== other.isTerminal?.(other.initial)) return [];
  const seen = new Map([[`${one.initial} ${other.initial}`, [] as string[]]]);
  const open = [[one.initial, other.initial] as const];
  for (const [a, b] of open) {
    const path = seen.get(`${a} ${b}`) ?? [];
    if (one.isTerminal?.(a)) continue;
    for (const input of one.inputs) {
      const [left, right] = [one.step(a, input), other.step(b, input)];
      const endsOne = one.isTerminal?.(left.to) !== other.isTerminal?.(right.to);
      if (left.output !== right.output || endsOne) return [...path, input];
      const key = `${left.to} ${right.to}`;
      if (seen.has(key)) continue;
      seen.set(key, [...path, input]);
      open.push([left.to, right.to]);
    }
  }
  return null;
}

/** The outputs of a sequence, up to the end of the session. */
export function answer(
  machine: MealyMachine,
  sequence: readonly string[],
  from = machine.initial,
): string {
  const seen: string[] = [];
  let state = from;
  for (const input of sequence) {
    if (machine.isTerminal?.(state)) break;
    const { to, output } = machine.step(state, input);
    seen.push(output);
    state = to;
  }
  if (machine.isTerminal?.(state)) seen.push('over');
  return seen.join(' ');
}

/** All sequences of a length. */
export function sequences(inputs: readonly string[], length: number): string[][] {
  if (length === 0) return [[]];
  return sequences(inputs, length - 1).flatMap((one) => inputs.map((input) => [...one, input]));
}
