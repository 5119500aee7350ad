import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { Configuration } from './configurations.js';
import { type FigureId, registrationMachine } from './registration.js';
import type { RegistrationEventType } from './seat.js';

/** One transition of a chart, read from the machine object. */
export interface RegistrationEdge {
  /** Stable: the source state's key, a colon, the event or the delay's name. */
  readonly id: string;
  /** Id of the source state in the machine. */
  readonly source: string;
  /** Id of the target state; the source's own when the transition stays. */
  readonly target: string;
  /** The event's name, or the delay's when `timer`. */
  readonly event: string;
  readonly timer: boolean;
  /** True when the transition names no target: nothing is left or entered. */
  readonly stays: boolean;
  /** True for a stated outcome that is not a step of the protocol. */
  readonly unexpected: boolean;
  readonly description: string;
  readonly figures: readonly FigureId[];
}

const afterEvent = /^xstate\.after\.(.+?)\./;

function edgesOfNode(node: AnyStateNode): RegistrationEdge[] {
  return [...node.transitions.values()].flat().map((transition) => {
    const delay = afterEvent.exec(transition.eventType)?.[1];
    const event = delay ?? transition.eventType;
    const target = transition.target?.[0];
    return {
      id: `${node.key}:${event}`,
      source: node.id,
      target: target?.id ?? node.id,
      event,
      timer: delay !== undefined,
      stays: target === undefined,
      unexpected: transition.actions.some((action) => actionName(action) === 'unexpected'),
      description: (transition as { description?: string }).description ?? '',
      figures: (transition as { meta?: { figures?: FigureId[] } }).meta?.figures ?? [],
    };
  });
}

function actionName(action: unknown): string | undefined {
  if (typeof action === 'string') return action;
  return (action as { type?: string }).type;
}

/** Every state of a chart, parents before children, in document order. */
export function stateNodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(stateNodesOf)];
}

/** Every transition of a chart, in document order. */
export function registrationEdgesOf(machine: AnyStateMachine): RegistrationEdge[] {
  return stateNodesOf(machine.root).flatMap(edgesOfNode);
}

/** Every transition of the registration chart. */
export const registrationEdges: readonly RegistrationEdge[] =
  registrationEdgesOf(registrationMachine);

const edgesBySource = new Map<string, RegistrationEdge[]>();
for (const edge of registrationEdges) {
  const siblings = edgesBySource.get(edge.source);
  if (siblings) siblings.push(edge);
  else edgesBySource.set(edge.source, [edge]);
}

const paths: Readonly<Record<Configuration, readonly (readonly string[])[]>> =
  pathsOfConfigurations();

/** For each configuration, its active states from the innermost out, a list a region. */
function pathsOfConfigurations(): Record<Configuration, string[][]> {
  const top = 'registration';
  const connected = `${top}.connected`;
  const unregistered = `${connected}.unregistered`;
  const region = (exchange: string, deadline: string) => [
    [
      `${unregistered}.exchange.${exchange}`,
      `${unregistered}.exchange`,
      unregistered,
      connected,
      top,
    ],
    [
      `${unregistered}.deadline.${deadline}`,
      `${unregistered}.deadline`,
      unregistered,
      connected,
      top,
    ],
  ];
  return {
    connecting: [[`${top}.connecting`, top]],
    'awaiting/registration': region('awaiting', 'registration'),
    'validating/registration': region('validating', 'registration'),
    'refusing/registration': region('refusing', 'registration'),
    'awaiting/rejection': region('awaiting', 'rejection'),
    'validating/rejection': region('validating', 'rejection'),
    'refusing/rejection': region('refusing', 'rejection'),
    registered: [[`${connected}.registered`, connected, top]],
    disconnected: [[`${top}.disconnected`, top]],
  };
}

/**
 * The transitions an event takes in a configuration: one, or one a region; none only in `disconnected`.
 * @param event an event of the chart, or the name of the delay that ran out.
 */
export function transitionsTaken(
  configuration: Configuration,
  event: RegistrationEventType | 'registrationTimeout' | 'rejectionTimeout',
): RegistrationEdge[] {
  const taken = new Set<RegistrationEdge>();
  for (const path of paths[configuration]) {
    for (const state of path) {
      const edge = edgesBySource.get(state)?.find((candidate) => candidate.event === event);
      if (edge) {
        taken.add(edge);
        break;
      }
    }
  }
  return [...taken];
}
