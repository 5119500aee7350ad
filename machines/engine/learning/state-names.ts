/** Names for the states of a learned machine: those of the expected states that they stand for. */
import { isAllowed } from './differences.js';
import { edgeOf, silence, stateNamed, type TimedMachine } from './timed-machine.js';

/**
 * The machine with the names of the expected states that the same inputs reach. A second state for one expected state gets a number, as
 * in `awaiting/rejection 2`; a state that no expected one stands for keeps its name.
 */
export function namedAfter(expected: TimedMachine, machine: TimedMachine): TimedMachine {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const pairs: [string, string][] = [[expected.initial, machine.initial]];
  // Pairs are appended while the list is iterated: the search is breadth first.
  for (const [one, other] of pairs) {
    if (names.has(other)) continue;
    const count = (counts.get(one) ?? 0) + 1;
    counts.set(one, count);
    names.set(other, count === 1 ? one : `${one} ${count}`);
    const [wanted, seen] = [stateNamed(expected, one), stateNamed(machine, other)];
    for (const input of [...machine.inputs, silence]) {
      const [here, there] = [edgeOf(wanted, input), edgeOf(seen, input)];
      if (!here || !there) continue;
      if (isAllowed(here, there.output)) pairs.push([here.to, there.to]);
    }
  }
  const nameOf = (name: string) => names.get(name) ?? name;
  return {
    initial: nameOf(machine.initial),
    inputs: machine.inputs,
    states: machine.states.map((state) => ({
      ...state,
      name: nameOf(state.name),
      timeout: state.timeout && { ...state.timeout, to: nameOf(state.timeout.to) },
      edges: Object.fromEntries(
        Object.entries(state.edges).map(([input, edge]) => [
          input,
          { ...edge, to: nameOf(edge.to) },
        ]),
      ),
    })),
  };
}
