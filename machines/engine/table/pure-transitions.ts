/** The pure transitions of a machine: no action runs, no actor starts. */
import {
  type AnyActorRef,
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type ExecutableActionObject,
  fromTransition,
  type InspectedMicrostepEvent,
} from 'xstate';

export type Taken = readonly [AnyMachineSnapshot, readonly ExecutableActionObject[]];

type MicrostepListener = (event: InspectedMicrostepEvent) => void;

/** An actor that does nothing: the machine itself, and its parent, for the actions that address them. */
const idle = fromTransition((state: null) => state, null);

/**
 * Takes transitions as `transition` and `initialTransition` of XState do. Those make an actor of the machine for each transition, which
 * takes its start again each time, and without input.
 */
export class PureTransitions {
  readonly #machine: AnyStateMachine;
  readonly #onMicrostep: MicrostepListener | undefined;

  /** @param onMicrostep called with each microstep of the machine, in order. */
  constructor(machine: AnyStateMachine, onMicrostep?: MicrostepListener) {
    this.#machine = machine;
    this.#onMicrostep = onMicrostep;
  }

  start(input: unknown): Taken {
    const actions: ExecutableActionObject[] = [];
    const scope = scopeOf([], actions, this.#onMicrostep);
    return [this.#machine.getInitialSnapshot(scope, input as never), actions];
  }

  take(snapshot: AnyMachineSnapshot, event: EventObject): Taken {
    const actions: ExecutableActionObject[] = [];
    const scope = scopeOf(Object.values(snapshot.children), actions, this.#onMicrostep);
    return [this.#machine.transition(snapshot, event, scope), actions];
  }
}

function scopeOf(
  children: readonly (AnyActorRef | undefined)[],
  actions: ExecutableActionObject[],
  onMicrostep?: MicrostepListener,
): AnyActorScope {
  const parent = createActor(idle, { id: 'parent' });
  const self = createActor(idle, { id: 'self', parent });
  const { system } = self;
  if (onMicrostep) {
    system.inspect((event) => {
      if (event.type === '@xstate.microstep' && event.actorRef === self) onMicrostep(event);
    });
  }
  const register = (system as unknown as { _set?: (id: string, actor: AnyActorRef) => void })._set;
  // Events may go to actors by their names in the system.
  for (const child of children) {
    const { systemId } = (child ?? {}) as { systemId?: string };
    if (child && systemId !== undefined) register?.(systemId, child);
  }
  return {
    self: self as never,
    system,
    id: self.id,
    sessionId: self.sessionId,
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    actionExecutor: (action) => void actions.push(action),
  };
}
