/** Which figures show a step of a case. A figure shows a transition of the chart in the configuration in which it takes it. */
import type { Configuration } from '../../../machines/registration/chart/configurations.js';
import { registrationEdges } from '../../../machines/registration/chart/edges.js';
import type { FigureId } from '../../../machines/registration/chart/registration.js';
import { arrowsOf, figures } from '../../../machines/registration/figures/figures.js';
import { kindOf, type ServerInput } from '../../../machines/registration/sut/inputs.js';
import type { ExpectedStep } from '../../../machines/registration/sut/server-model.js';

/** The transition that the tester sees before it sends anything. */
export const connectEdge = 'connecting:Connected';

const edgesById = new Map(registrationEdges.map((edge) => [edge.id, edge]));

/** Figures by configuration and edge, in the order of the figures' arrows. */
const shown = new Map<string, FigureId[]>();
for (const figure of figures) {
  let at: Configuration = 'connecting';
  for (const arrow of arrowsOf(figure)) {
    for (const edge of arrow.path) {
      const key = `${at} ${edge}`;
      const known = shown.get(key);
      if (!known) shown.set(key, [figure.id]);
      else if (!known.includes(figure.id)) known.push(figure.id);
    }
    // The configuration of the client changes with the answer, not with its message.
    if (arrow.kind === 'connect') at = 'awaiting/registration';
    else if (arrow.messageName === 'EventAck') at = 'registered';
    else if (arrow.messageName === 'EventError') at = 'awaiting/rejection';
  }
}

/**
 * The figures that show a transition, taken for an input in a configuration. No figure shows an invalid frame. That wrong attributes
 * make a client invalid is this project's own choice.
 */
export function figuresOf(edge: string, from: string, input: ServerInput | null): FigureId[] {
  if (input === 'register-malformed' || (input !== null && kindOf(input) === 'frame')) return [];
  return shown.get(`${from} ${edge}`) ?? [];
}

/** The chart's description of a transition. */
export function descriptionOf(edge: string): string {
  return edgesById.get(edge)?.description ?? '';
}

/** The transitions of a step that belong to the server: its answer, not the request. */
export function answersOf({ input, edges }: ExpectedStep): string[] {
  const isFrame = kindOf(input) === 'frame';
  const own = edges.filter((id) => {
    const edge = edgesById.get(id);
    const isRequest = edge?.event === 'RequestRegisterClient' || edge?.event === 'OtherMessage';
    // Only the expiry of the rejection deadline shows that the first EventError has started it.
    return !isRequest && id !== 'registration:EventError';
  });
  return own.length > 0 && !isFrame ? own : edges.filter((id) => id !== 'registration:EventError');
}

/** The transition of the deadline that runs in a configuration. */
export function deadlineEdge(configuration: string): string[] {
  if (configuration.endsWith('/registration')) return ['registration:registrationTimeout'];
  if (configuration.endsWith('/rejection')) return ['rejection:rejectionTimeout'];
  return [];
}

/** Every transition that a figure shows, with the figures, in the order of the chart. */
export function documentedEdges(): { readonly edge: string; readonly figures: FigureId[] }[] {
  return registrationEdges.flatMap(({ id }) => {
    const ids = [...shown].filter(([key]) => key.endsWith(` ${id}`)).flatMap(([, found]) => found);
    return ids.length > 0 ? [{ edge: id, figures: [...new Set(ids)].sort() }] : [];
  });
}
