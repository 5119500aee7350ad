import type { DisconnectReason } from '../../../machines/registration/chart/seat.js';
import type { Peer } from '../../../machines/registration/observer/events.js';
import type { Aliases } from './aliases.js';
import { clientIn, isMasked, type MessageLine, messageLineOf, peerOf } from './message-line.js';

/** The meaning of a record about a client. */
export type Meaning =
  | { readonly kind: 'message'; readonly message: MessageLine }
  | { readonly kind: 'connected'; readonly peer: MessageLine['peer'] }
  | {
      readonly kind: 'disconnected';
      readonly peer: MessageLine['peer'];
      readonly by: 'client' | 'server' | null;
      readonly reason?: DisconnectReason;
    }
  | { readonly kind: 'registered'; readonly peer: MessageLine['peer'] }
  | { readonly kind: 'unknown-client'; readonly peer: MessageLine['peer']; readonly text: string };

/** Interprets the records of one kind of log. Null for a record about no client. */
export type Dialect = (id: string | null, text: string) => Meaning | null;

/** Interaction Server's own log. */
export function interactionServerDialect({ records }: Aliases): Dialect {
  const stems = [...records].filter(([key]) => !/^\d{5}$/.test(key));
  return (id, text) => {
    let meaning = id === null ? undefined : records.get(id);
    if (meaning === undefined && stems.length > 0) {
      meaning = stems.find(([stem]) => text.startsWith(stem))?.[1];
    }
    switch (meaning) {
      case undefined: {
        const message = messageLineOf(text);
        return message && { kind: 'message', message };
      }
      case 'nothing':
        return null;
      case 'connected':
        return { kind: 'connected', peer: peerOf(clientIn(text)) };
      case 'disconnected':
        return { kind: 'disconnected', peer: peerOf(clientIn(text)), by: null };
      case 'closed-by-server':
        return { kind: 'disconnected', peer: peerOf(clientIn(text)), by: 'server' };
      case 'logged-out-by-server': {
        const peer = peerOf(clientIn(text));
        return { kind: 'disconnected', peer, by: 'server', reason: 'server-closed' };
      }
      case 'registered':
        return { kind: 'registered', peer: peerOf(registeredIn(text)) };
      case 'unknown-client':
        return { kind: 'unknown-client', peer: peerOf(clientIn(text)), text };
    }
  };
}

/** `client name: desk-1`, perhaps followed by ` media type: chat`. */
function registeredIn(text: string): string | null {
  const at = text.indexOf('client name:');
  if (at < 0) return clientIn(text);
  const said = text.slice(at + 12);
  const end = said.search(/,? +media type:/);
  const name = (end < 0 ? said : said.slice(0, end)).trim();
  return name.replace(/^'(.*)'$/, '$1').replace(/,$/, '');
}

/** The log of Outbound Contact Server about its connection to Interaction Server. */
export const outboundContactServerDialect: Dialect = (_id, text) => {
  const [, server, way, name, id] = exchange.exec(text) ?? [];
  if (server !== undefined && name !== undefined) {
    const by = way === 'SendRequest' ? 'client' : 'server';
    const peer = serverPeer(server);
    return { kind: 'message', message: { by, name, id: id ?? null, peer } };
  }
  const [, lost] = connectionLost.exec(text) ?? [];
  if (lost === undefined) return null;
  return { kind: 'disconnected', peer: serverPeer(lost), by: null, reason: 'transport-error' };
};

/** The lines in which Outbound Contact Server logs its messages to and from Interaction Server. */
export const exchange =
  /^IxNServer '([^']*)' - (SendRequest|EventReceived) ?: ?'([^']*)'(?: \((\d{1,10})\))?/;
const connectionLost = /^Connection to '([^']*)' lost/;

/** In this log the name of a server identifies a connection. */
function serverPeer(server: string): Peer | 'masked' {
  return isMasked(server) ? 'masked' : { label: server };
}
