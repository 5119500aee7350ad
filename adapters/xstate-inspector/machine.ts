/** The registration chart as a machine of xstate 4, and its configurations as states of that. */
import {
  type Configuration,
  type RegistrationEdge,
  registrationEdgesOf,
  registrationMachine,
  type stateNodesOf,
} from '../../machines/index.js';
import type { Genuine, StateFour } from './genuine.js';
import type { SessionContext } from './session-watch.js';
import type { WatchedMachine } from './watched-service.js';

// Named so, since `xstate` means xstate 4 in this folder.
type MachineFive = Parameters<typeof registrationEdgesOf>[0];
type NodeFive = ReturnType<typeof stateNodesOf>[number];

/** A chart of xstate 5 as a configuration of xstate 4: states, transitions, texts; actions by name only. */
export function configFour(machine: MachineFive): object {
  // Without it xstate 4 advises to set it, at the viewer's too.
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
  readonly #states = new Map<Configuration, StateFour>();
  readonly #resolve: (value: unknown) => StateFour;

  constructor(genuine: Genuine) {
    const machine = genuine.createMachine(configFour(registrationMachine));
    // Made plain once, since it is written out for every session that is shown; `transitions` repeats `on`.
    const plain = JSON.stringify(machine.definition, (key, value) =>
      key === 'transitions' ? undefined : value,
    );
    const definition = { ...JSON.parse(plain), predictableActionArguments: true };
    this.machine = { definition, toJSON: () => definition };
    this.#genuine = genuine;
    this.#resolve = (value) =>
      machine.resolveState(genuine.createState({ value, _event: initEvent, ...nothing }));
  }

  /** A session's state; `event` is what led to it, null where that is not known. */
  state(
    configuration: Configuration,
    event: { readonly type: string } | null,
    context: SessionContext,
  ): StateFour {
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

/** What xstate 4 keeps in a state beside it, where nothing runs. */
const nothing = { actions: [], events: [], configuration: [], transitions: [], children: {} };

/** A configuration as a state value; xstate 4 and 5 write it the same way. */
export function stateValueOf(configuration: Configuration): unknown {
  const [exchange, deadline] = configuration.split('/');
  if (deadline !== undefined) return { connected: { unregistered: { exchange, deadline } } };
  return configuration === 'registered' ? { connected: 'registered' } : configuration;
}
