/** A machine as a system under test: each session is a real actor of it. */
import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  fromPromise,
  type InspectionEvent,
} from 'xstate';
import { quiescence } from '../mealy/mealy-machine.js';
import type { ChartModel } from '../model/model-of.js';
import { outputText } from '../model/observation.js';
import { stateNodesOf } from '../table/edges.js';
import { effectsOf } from '../table/effects.js';
import { Identities } from '../table/identity.js';
import { ManualClock } from './manual-clock.js';
import type { SystemUnderTest, TestedSession } from './play-suite.js';

const pendingSource = 'ixgate.pending';

export interface ActorSystemOptions {
  /** A further inspector of the actors, e.g. that of `chartCoverage`. @default none */
  readonly inspect?: (event: InspectionEvent) => void;
}

/**
 * Actors of a machine as the system under test of a model's suites. Time is simulated, and the actions of the machine run. Its invoked
 * actors are replaced by actors that never end, because the suite decides their outcomes.
 * @param machine the machine to test, e.g. the next version of the chart. @default the machine of the model
 */
export function actorSystem(
  model: ChartModel,
  machine: AnyStateMachine = model.chart,
  options: ActorSystemOptions = {},
): SystemUnderTest {
  const tested = withPendingActors(machine);
  return { start: () => new ActorSession(model, tested, options) };
}

class ActorSession implements TestedSession {
  readonly #model: ChartModel;
  readonly #actor: AnyActorRef;
  readonly #clock = new ManualClock();
  /** The model beside it, which tells how long to wait. */
  readonly #expected;
  readonly #identities = new Identities();
  #actions: string[] = [];

  constructor(model: ChartModel, machine: AnyStateMachine, { inspect }: ActorSystemOptions) {
    this.#model = model;
    this.#expected = model.connect();
    this.#actor = createActor(machine, {
      clock: this.#clock as never,
      input: model.input as never,
      logger: () => {},
      inspect: (event) => {
        inspect?.(event);
        if (event.type !== '@xstate.action' || event.actorRef !== this.#actor) return;
        const { type, params } = event.action;
        const action = { type, params, info: { self: this.#actor } };
        this.#actions.push(...effectsOf([action as never], this.#identities).actions);
      },
    });
    // Without an observer XState throws the errors of a machine again, later.
    this.#actor.subscribe({ error: () => {} });
    this.#actor.start();
  }

  take(input: string): string {
    this.#actions = [];
    const wait = this.#model.waitOf(this.#expected);
    if (input === quiescence) this.#clock.advance(wait);
    else this.#actor.send((this.#model.events[input] ?? { type: input }) as never);
    this.#model.apply(input, this.#expected, this.#expected);
    const snapshot = this.#actor.getSnapshot() as AnyMachineSnapshot;
    const { value, status } = snapshot;
    const seen = { actions: this.#actions, value, tags: [...snapshot.tags], status };
    return outputText(seen, this.#model.outputs);
  }

  close(): void {
    this.#actor.stop();
  }
}

/** A copy of a machine whose invoked actors never end. */
export function withPendingActors(machine: AnyStateMachine): AnyStateMachine {
  const copy = machine.provide({
    actors: { [pendingSource]: fromPromise(() => new Promise(() => {})) } as never,
  });
  for (const node of stateNodesOf(copy.root)) {
    for (const invoke of node.invoke) Object.assign(invoke, { src: pendingSource });
  }
  return copy;
}
