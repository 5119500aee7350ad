/** The registration chart as a machine of xstate 4, and its configurations as states of that. */
import type { stateNodesOf } from '../../machines/engine/table/edges.js';
import type { Configuration } from '../../machines/registration/chart/configurations.js';
import {
  type RegistrationEdge,
  registrationEdgesOf,
} from '../../machines/registration/chart/edges.js';
import { registrationMachine } from '../../machines/registration/chart/registration.js';
import type { Genuine } from './genuine.js';
import type { SessionContext } from './session-watch.js';
import type { WatchedMachine } from './watched-service.js';
import type { XState4State } from './xstate4.js';

// An alias, because `xstate` means xstate 4 in this folder.
type MachineFive = Parameters<typeof registrationEdgesOf>[0];
type NodeFive = ReturnType<typeof stateNodesOf>[number];

/** A chart of xstate 5 as a configuration of xstate 4: states, transitions, texts; actions by name only. */
export function configFour(machine: MachineFive): object {
  // Otherwise xstate 4 warns, in the viewer too.
  return {
    predictableActionArguments: true,
    ...nodeFour(machine.root, registrationEdgesOf(machine)),
  };
}

function nodeFour(node: NodeFive, edges: readonly RegistrationEdge[]): object {
  const own = edges.filter((edge) => edge.source === node.id);
  const children = Object.values(node.states);
  const initial = node.initial?.target?.[0]?.key;
  return {
    id: node.id,
    type: node.type,
    ...(initial !== undefined && node.type === 'compound' && { initial }),
    description: node.description,
    meta: node.meta,
    entry: node.entry.map(nameOf),
    exit: node.exit.map(nameOf),
    on: transitionsFour(own.filter(({ timer }) => !timer)),
    after: transitionsFour(own.filter(({ timer }) => timer)),
    states: Object.fromEntries(children.map((child) => [child.key, nodeFour(child, edges)])),
  };
}

function transitionsFour(edges: readonly RegistrationEdge[]): object {
  return Object.fromEntries(
    edges.map(({ event, stays, target, unexpected, description, figures }) => [
      event,
      {
        ...(!stays && { target: `#${target}` }),
        ...(unexpected && { actions: 'unexpected' }),
        description,
        meta: { figures },
      },
    ]),
  );
}

function nameOf(action: unknown): string {
  if (typeof action === 'string') return action;
  if (typeof action === 'function') return action.name || 'anonymous';
  return (action as { type: string }).type;
}

/** The registration chart in xstate 4. */
export class RegistrationFour {
  readonly machine: WatchedMachine;
  readonly #genuine: Genuine;
  readonly #states = new Map<Configuration, XState4State>();
  readonly #resolve: (value: unknown) => XState4State;

  constructor(genuine: Genuine) {
    const machine = genuine.createMachine(configFour(registrationMachine));
    // Made plain once, because it is serialized for every session; `transitions` repeats `on`.
    const plain = JSON.stringify(machine.definition, (key, value) =>
      key === 'transitions' ? undefined : value,
    );
    const definition = { ...JSON.parse(plain), predictableActionArguments: true };
    this.machine = { definition, toJSON: () => definition };
    this.#genuine = genuine;
    this.#resolve = (value) =>
      machine.resolveState(genuine.createState({ value, _event: initEvent, ...nothing }));
  }

  /** The state of a session; `event` led to it, null if unknown. */
  state(
    configuration: Configuration,
    event: { readonly type: string } | null,
    context: SessionContext,
  ): XState4State {
    let state = this.#states.get(configuration);
    if (!state) {
      state = this.#resolve(stateValueOf(configuration));
      this.#states.set(configuration, state);
    }
    const _event = event === null ? initEvent : this.#genuine.toScxmlEvent(event);
    return this.#genuine.createState({ ...state, _event, context, _sessionid: null });
  }
}

const initEvent = {
  name: 'xstate.init',
  data: { type: 'xstate.init' },
  $$type: 'scxml',
  type: 'external',
};

/** The further fields of a state of xstate 4 when nothing runs. */
const nothing = { actions: [], events: [], configuration: [], transitions: [], children: {} };

/** A configuration as a state value, which is the same in xstate 4 and 5. */
export function stateValueOf(configuration: Configuration): unknown {
  const [exchange, deadline] = configuration.split('/');
  if (deadline !== undefined) return { connected: { unregistered: { exchange, deadline } } };
  return configuration === 'registered' ? { connected: 'registered' } : configuration;
}
