/** How often the inspector guesses the transitions that were taken: random walks through charts whose transitions are known. */
import type { AnyMachineSnapshot, AnyStateMachine, InspectionEvent } from 'xstate';
import { transitionsIn } from '../../../adapters/inspector/client/actor-messages.js';
import { definitionJson } from '../../../adapters/runtime/to-json.js';
import { Definition } from '../../../machines/engine/inspection/definition.js';
import type { StateValue } from '../../../machines/engine/inspection/messages.js';
import { modelOf } from '../../../machines/engine/model/index.js';
import { actorSystem, playSuite } from '../../../machines/engine/playing/index.js';
import { suiteOf } from '../../../machines/engine/testgen/index.js';
import type { Specimen } from '../table/corpus.js';

export interface Step {
  readonly before: StateValue;
  readonly event: string;
  readonly after: StateValue;
  readonly taken: readonly string[];
  readonly guessed: readonly string[] | null;
}

export const isRight = ({ taken, guessed }: Step) =>
  guessed !== null && [...guessed].sort().join('\n') === [...taken].sort().join('\n');

/** The steps of random walks through a chart, as an inspector with the client of Stately gets them. @param cases number of walks */
export async function walkedSteps(specimen: Specimen, cases: number): Promise<Step[]> {
  const { machine, events, input, delays } = specimen;
  const model = modelOf(machine, { events, input, delays } as object);
  const watch = new Watch(machine);
  const suite = suiteOf(model, `random:${cases}`);
  await playSuite(suite, actorSystem(model, machine, watch as never));
  return watch.steps;
}

class Watch {
  readonly steps: Step[] = [];
  readonly #machine: AnyStateMachine;
  readonly #definition: Definition;
  readonly #taken = new WeakMap<object, ReturnType<typeof transitionsIn>>();
  readonly #states = new WeakMap<object, StateValue>();

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    this.#definition = new Definition(definitionJson(machine.config));
  }

  readonly inspect = (event: InspectionEvent): void => {
    const { actorRef } = event;
    const { config } = Object((actorRef as { logic?: unknown }).logic) as { config?: unknown };
    if (config !== this.#machine.config) return;
    if (event.type === '@xstate.microstep') {
      this.#taken.set(actorRef, [...(this.#taken.get(actorRef) ?? []), ...transitionsIn(event)]);
    }
    if (event.type !== '@xstate.snapshot') return;
    const taken = this.#definition.idsOf(this.#taken.get(actorRef) ?? []);
    this.#taken.delete(actorRef);
    const before = this.#states.get(actorRef);
    const after = (event.snapshot as AnyMachineSnapshot).value as StateValue;
    this.#states.set(actorRef, after);
    const { type } = event.event;
    if (before === undefined || type === 'xstate.init') return;
    const guessed = this.#definition.guess(before, type, after);
    this.steps.push({ before, event: type, after, taken, guessed });
  };
}
