/** A figure that could not be judged: the gate rejected the client that the figure needs to be valid. */
import { arrowsOf, errorCodes, type FigureRun, serverEffects } from '../../../machines/index.js';

/** The name of the rejected client; null for a run that was judged. */
export function nameNotLetIn({ figure, difference, seen }: FigureRun): string | null {
  if (difference?.code !== 'wrong-message') return null;
  const answer = seen[difference.index]?.message;
  if (answer?.messageName !== 'EventError') return null;
  if (answer.errorCode !== errorCodes[serverEffects.validate.error]) return null;
  const arrows = arrowsOf(figure).slice(0, difference.index);
  const asked = arrows.findLastIndex(({ from }) => from === 'Client');
  if (!arrows[asked]?.valid) return null;
  return String(seen[asked]?.message?.clientName ?? '');
}
