/** Which steps of a case a figure shows: a transition of the chart, and the configuration in which the figure takes it. */
import {
  arrowsOf,
  type Configuration,
  type ExpectedStep,
  type FigureId,
  figures,
  kindOf,
  registrationEdges,
  type ServerInput,
} from '../../../machines/index.js';

/** What the tester has seen before it says anything. */
export const connectEdge = 'connecting:Connected';

const edgesById = new Map(registrationEdges.map((edge) => [edge.id, edge]));

/** Figures by configuration and edge, as the figures' arrows go through them. */
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
    // A message of the client's is answered before anything else is seen: where the client is changes with the answer.
    if (arrow.kind === 'connect') at = 'awaiting/registration';
    else if (arrow.messageName === 'EventAck') at = 'registered';
    else if (arrow.messageName === 'EventError') at = 'awaiting/rejection';
  }
}

/**
 * The figures that show a transition, taken for an input in a configuration. An invalid frame is in none, and that a client
 * whose attributes are wrong is not valid is this project's own reading.
 */
export function figuresOf(edge: string, from: string, input: ServerInput | null): FigureId[] {
  if (input === 'register-malformed' || (input !== null && kindOf(input) === 'frame')) return [];
  return shown.get(`${from} ${edge}`) ?? [];
}

/** What a transition is, in the chart's words. */
export function descriptionOf(edge: string): string {
  return edgesById.get(edge)?.description ?? '';
}

/** The transitions of a step that are the server's to take: its answer, not what was asked of it. */
export function answersOf({ input, edges }: ExpectedStep): string[] {
  const isFrame = kindOf(input) === 'frame';
  const own = edges.filter((id) => {
    const edge = edgesById.get(id);
    const asks = edge?.event === 'RequestRegisterClient' || edge?.event === 'OtherMessage';
    // That the first EventError starts the other deadline is seen when that deadline is over.
    return !asks && id !== 'registration:EventError';
  });
  return own.length > 0 && !isFrame ? own : edges.filter((id) => id !== 'registration:EventError');
}

/** The transition of the deadline that runs in a configuration. */
export function deadlineEdge(configuration: string): string[] {
  if (configuration.endsWith('/registration')) return ['registration:registrationTimeout'];
  if (configuration.endsWith('/rejection')) return ['rejection:rejectionTimeout'];
  return [];
}

/** All that a figure shows, with the figures, in the order of the chart. */
export function documentedEdges(): { readonly edge: string; readonly figures: FigureId[] }[] {
  return registrationEdges.flatMap(({ id }) => {
    const ids = [...shown].filter(([key]) => key.endsWith(` ${id}`)).flatMap(([, found]) => found);
    return ids.length > 0 ? [{ edge: id, figures: [...new Set(ids)].sort() }] : [];
  });
}
