import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import type { GateView, KickOptions } from '../../server/index.js';

/** A request to a session in another process. */
export type SessionAsk =
  | { readonly what: 'send' | 'inject'; readonly message: WireMessage }
  | { readonly what: 'kick'; readonly options: KickOptions }
  | { readonly what: 'disconnect' | 'destroy' };

/** Executes a request of another process. Without effect for a session that is over. */
export function obeyAsk(gate: Pick<GateView, 'session'>, id: string, asked: SessionAsk): void {
  const session = gate.session(id);
  if (!session) return;
  if (asked.what === 'send' || asked.what === 'inject') session[asked.what](asked.message);
  else if (asked.what === 'kick') session.kick(asked.options);
  else session[asked.what]();
}
