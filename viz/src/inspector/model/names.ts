/** Names of apps and actors, which are untrusted, for the page. */
import type { InspectedApp } from '../../../../machines/engine/inspection/app.js';
import type { StateValue } from '../../../../machines/engine/inspection/messages.js';
import { valueText } from '../../chart/state-value.js';
import { visible } from '../../parts/visible.js';

/** The text for what comes from outside of the actors. */
export const outside = 'outside';

export function actorName(app: InspectedApp, session: string | null): string {
  if (session === null) return outside;
  return visible(app.actor(session)?.name ?? session, 80);
}

/** A state for people; a machine without inner states is in itself. */
export function stateText(state: StateValue | null): string {
  if (state === null) return '';
  return visible(valueText(state)) || '(no inner state)';
}
