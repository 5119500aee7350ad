/** Two machines as a chart. Edges that differ in their inputs only are drawn as one. */
import type {
  EdgeStatus,
  Overlay,
  OverlayEdge,
  OverlayState,
} from '../../../machines/engine/learning/overlay.js';
import { silence } from '../../../machines/engine/learning/timed-machine.js';
import type { ChartEdge, ChartTree } from '../../layout/tree.js';
import { visible } from '../parts/visible.js';
import { outputText, timeoutText } from './words.js';

export interface DrawnOverlay {
  readonly tree: ChartTree;
  /** By the id of a drawn state or edge. */
  readonly statuses: ReadonlyMap<string, EdgeStatus>;
  /** By the id of a drawn edge. */
  readonly edges: ReadonlyMap<string, readonly OverlayEdge[]>;
}

export function drawnOverlay({ states, edges }: Overlay): DrawnOverlay {
  const ends = new Set(states.filter(({ isClosed }) => isClosed).map(({ id }) => id));
  const groups = new Map<string, OverlayEdge[]>();
  for (const edge of edges) {
    const { output, clock } = edge.edge;
    const isTimeout = edge.input === silence;
    const key = JSON.stringify([edge.from, edge.to, edge.status, output, clock, isTimeout]);
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  const drawn = [...groups.values()].map((group) => [chartEdge(group, ends), group] as const);
  return {
    tree: {
      root: {
        ...{ id: 'learned', key: 'learned', type: 'compound', description: '' },
        initial: states[0]?.id ?? null,
        children: states.map((state) => ({
          id: state.id,
          key: visible(stateName(state, states)),
          type: state.isClosed ? 'final' : 'atomic',
          initial: null,
          description: stateWords(state),
          children: [],
        })),
      },
      edges: drawn.map(([edge]) => edge),
    },
    statuses: new Map([
      ...states.flatMap(({ id, status }) => (status ? [[id, status] as const] : [])),
      ...drawn.map(([{ id }, [first]]) => [id, first?.status ?? 'agrees'] as const),
    ]),
    edges: new Map(drawn.map(([{ id }, group]) => [id, group])),
  };
}

/** The name in the figure. Where several learned states belong to one of the figure, also the name of the learned one. */
function stateName({ expected, observed }: OverlayState, all: readonly OverlayState[]): string {
  const isShared = all.filter((state) => state.expected === expected).length > 1;
  if (expected === null || observed === null || observed === expected || !isShared) {
    return expected ?? observed ?? '';
  }
  return observed.startsWith(expected) ? observed : `${expected} (${observed})`;
}

function stateWords({ expected, observed }: OverlayState): string {
  if (expected === null) return 'not in the figure';
  if (observed === null) return 'not reached in the learned machine';
  return observed === expected ? '' : `${visible(observed)} in the learned machine`;
}

/** Maximum number of characters of the inputs and the output in a label, so that it is not cut. */
const longestLabel = 34;

function chartEdge(group: readonly OverlayEdge[], ends: ReadonlySet<string>): ChartEdge {
  const [first] = group as readonly [OverlayEdge, ...OverlayEdge[]];
  const { id, from, to, edge, input } = first;
  const inputs = group.map((one) => visible(one.input));
  const isTimeout = input === silence;
  const mark = edge.clock === 'none' || ends.has(to) ? {} : { mark: edge.clock };
  return {
    id,
    source: from,
    target: to,
    label: isTimeout
      ? timeoutText(edge)
      : `${shortened(inputs, longestLabel - edge.output.length)} / ${outputText(edge)}`,
    kind: isTimeout ? 'timer' : 'event',
    stays: from === to,
    ...mark,
    description: isTimeout ? timeoutText(edge) : `${inputs.join(', ')} / ${outputText(edge)}`,
  };
}

/** `other, event-ack +2`. */
function shortened([first = '', ...others]: readonly string[], longest: number): string {
  let text = first;
  for (const [index, input] of others.entries()) {
    const next = `${text}, ${input}`;
    if (next.length > longest) return `${text} +${others.length - index}`;
    text = next;
  }
  return text;
}
