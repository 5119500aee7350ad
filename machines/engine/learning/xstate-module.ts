import { drawnEdges } from './drawn-edges.js';
import { stateNamed, type TimedEdge, type TimedMachine, type TimedState } from './timed-machine.js';

/** The event of a timeout whose clock may run on from state to state. */
const timeoutEvent = 'timeout';

/**
 * A machine as the source of a module that exports an XState 5 machine. Its events are the inputs, its actions the outputs. Timeouts are
 * `after`; an edge that starts the clock of the state it leaves enters it again. Where an edge keeps a clock from one state to another, `after`
 * would start it again: all timeouts are delayed events `timeout` then, which edges raise and cancel. Timeouts of unknown length are left out.
 */
export function xstateText(machine: TimedMachine): string {
  const isCarried = drawnEdges(machine).some(
    ({ from, edge }) => edge.clock === 'keep' && edge.to !== from,
  );
  const outputs = drawnEdges(machine).flatMap(({ edge }) => actionsOf(edge));
  const actions = Object.fromEntries([...new Set(outputs)].map((name) => [name, null]));
  const states = Object.fromEntries(
    machine.states.map((state) => [keyOf(state.name), stateConfig(machine, state, isCarried)]),
  );
  const config = {
    id: 'learned',
    initial: keyOf(machine.initial),
    ...(isCarried && { entry: clockActions(machine, machine.initial, 'start') }),
    states,
  };
  const body = JSON.stringify(config, null, 2)
    // Delayed events and their cancelling are calls, not names.
    .replace(
      /"@raise (\d+(?:\.\d+)?)"/g,
      `raise({ type: '${timeoutEvent}' }, { id: 'clock $1', delay: $1 })`,
    )
    .replace(/"@cancel (\d+(?:\.\d+)?)"/g, "cancel('clock $1')");
  const names = JSON.stringify(actions, null, 2).replace(/: null/g, ': () => {}');
  const imports = isCarried ? 'cancel, raise, setup' : 'setup';
  return `import { ${imports} } from 'xstate';\n\nexport default setup({ actions: ${names} }).createMachine(${body});\n`;
}

function stateConfig(machine: TimedMachine, state: TimedState, isCarried: boolean): object {
  if (state.isClosed) return { type: 'final' };
  const { name, timeout, edges } = state;
  const on: Record<string, object> = Object.fromEntries(
    Object.entries(edges).map(([input, edge]) => [
      input,
      transition(machine, name, edge, isCarried),
    ]),
  );
  if (!timeout || timeout.length === null) return { on };
  const ended = transition(machine, name, timeout, isCarried);
  if (isCarried) return { on: { ...on, [timeoutEvent]: ended } };
  return { after: { [timeout.length]: ended }, on };
}

function transition(machine: TimedMachine, from: string, edge: TimedEdge, isCarried: boolean) {
  const isSame = edge.to === from;
  const clock = isCarried ? clockActions(machine, edge.to, edge.clock) : [];
  return {
    ...(!isSame && { target: keyOf(edge.to) }),
    ...(isSame && edge.clock === 'start' && !isCarried && { target: keyOf(from), reenter: true }),
    actions: [...actionsOf(edge), ...clock],
    description: descriptionOf(edge),
  };
}

/** Placeholders of calls. */
function clockActions(machine: TimedMachine, to: string, clock: TimedEdge['clock']): string[] {
  if (clock === 'none' || clock === 'keep') return [];
  const lengths = machine.states.flatMap(({ timeout }) => timeout?.length ?? []);
  // Each length has its own id, so that tools find one delay for each.
  const cancels = [...new Set(lengths)].map((length) => `@cancel ${length}`);
  const length = stateNamed(machine, to).timeout?.length ?? null;
  return clock === 'start' && length !== null ? [...cancels, `@raise ${length}`] : cancels;
}

function descriptionOf({ clock, output }: TimedEdge): string {
  const effect = { start: 'starts the clock', keep: 'keeps the clock', stop: 'stops the clock' };
  const words = output === '' ? 'no output' : output;
  return clock === 'none' ? words : `${words}; ${effect[clock]}`;
}

function actionsOf({ output }: TimedEdge): string[] {
  return output.split(' ').filter((word) => word !== '');
}

/** A dot separates states in targets. */
function keyOf(name: string): string {
  return name.replaceAll('.', '_');
}
