/** The transitions of the registration chart, and which of them an event takes. */
import type { AnyStateMachine } from 'xstate';
import { type Edge, edgesOf } from '../../engine/table/edges.js';
import type { Configuration } from './configurations.js';
import { type ChartMeta, type FigureId, registrationMachine } from './registration.js';
import { type Cause, transitionIds } from './transition-ids.js';

/** A transition of a registration chart. */
export interface RegistrationEdge extends Edge {
  /** A stated outcome that is not a step of the protocol. */
  readonly unexpected: boolean;
  /** The documented figures that show the transition. */
  readonly figures: readonly FigureId[];
}

/** Every transition of a chart with the actions and the meta of the registration chart, in document order. */
export function registrationEdgesOf(machine: AnyStateMachine): RegistrationEdge[] {
  return edgesOf(machine).map((edge) => ({
    ...edge,
    unexpected: edge.actions.includes('unexpected'),
    figures: (edge.meta as Partial<ChartMeta> | undefined)?.figures ?? [],
  }));
}

/** Every transition of the registration chart. */
export const registrationEdges: readonly RegistrationEdge[] =
  registrationEdgesOf(registrationMachine);

const edgesById = new Map(registrationEdges.map((edge) => [edge.id, edge]));

/**
 * The transitions an event takes in a configuration: one, or one a region; none only in `disconnected`.
 * @param event an event of the chart, or the name of the delay that expired.
 */
export function transitionsTaken(configuration: Configuration, event: Cause): RegistrationEdge[] {
  return transitionIds(configuration, event).map((id) => edgesById.get(id) as RegistrationEdge);
}
