import type { Peer } from '../../../machines/registration/observer/events.js';
import { camelOf } from './attributes.js';

/** The content of a line that opens a message. */
export interface MessageLine {
  readonly by: 'client' | 'server';
  /** The name in the log. */
  readonly name: string;
  /** The number in brackets after the name, as in the log, or null. */
  readonly id: string | null;
  /** The peer; null when the line has none, `masked` when it is hidden. */
  readonly peer: Peer | 'masked' | null;
}

/**
 * Parses a line that opens a message in one of the four documented forms; null for other lines.
 * @param text of the record, after its number.
 */
export function messageLineOf(text: string): MessageLine | null {
  if (text.startsWith('Received from ')) return ofPeer(text, 'client', 14);
  if (text.startsWith('Sending to ')) return ofPeer(text, 'server', 11);
  const at = text.indexOf("message '");
  if (at < 0) return null;
  const nameStart = at + 9;
  const nameEnd = text.indexOf("'", nameStart);
  if (nameEnd < 0) return null;
  const name = text.slice(nameStart, nameEnd);
  const rest = text.slice(nameEnd + 1);
  const id = idAt(rest);
  const [, way, side, quoted, bare] = partner.exec(rest) ?? [];
  if (way === undefined || side === undefined) {
    const by = isServers(name) ? 'server' : 'client';
    return { by, name, id, peer: peerOf(clientIn(text.slice(0, at))) };
  }
  const [, quotedProxy, bareProxy] = throughProxy.exec(rest) ?? [];
  const isFromClient = (way === 'from') === (side === 'client');
  const peer = peerOf(quoted ?? bare ?? null, quotedProxy ?? bareProxy);
  return { by: isFromClient ? 'client' : 'server', name, id, peer };
}

const partner = /\b(to|from) (client|server) (?:'([^']*)'|([^\s,;:]+))/i;
const throughProxy = /\bthrough proxy (?:'([^']*)'|([^\s,;:]+))/i;

/** `Received from ... <peer>: '<Message>' (`, the name between quotes after a colon. */
function ofPeer(text: string, by: MessageLine['by'], from: number): MessageLine | null {
  const colon = text.indexOf(": '", from);
  if (colon < 0) return null;
  const nameEnd = text.indexOf("'", colon + 3);
  if (nameEnd < 0) return null;
  const name = text.slice(colon + 3, nameEnd);
  return { by, name, id: idAt(text.slice(nameEnd + 1)), peer: peerOf(lastWord(text, from, colon)) };
}

/** The peer is the last word before the colon, or the quoted text there. */
function lastWord(text: string, from: number, end: number): string {
  const said = text.slice(from, end).trimEnd();
  if (said.endsWith("'")) {
    const start = said.lastIndexOf("'", said.length - 2);
    if (start >= 0) return said.slice(start + 1, -1);
  }
  return said.slice(said.lastIndexOf(' ') + 1);
}

function idAt(text: string): string | null {
  return /^ ?\((\d{1,10})\)/.exec(text)?.[1] ?? null;
}

/** The client in a text: the quoted text, or the word after `client`. */
export function clientIn(text: string): string | null {
  const [, quoted, bare] = /\bclient[: ]+(?:'([^']*)'|(\d+)\b)/i.exec(text) ?? [];
  return quoted ?? bare ?? null;
}

/** Messages whose names begin with Event are from the server, in both spellings. */
function isServers(name: string): boolean {
  return /^event/i.test(name);
}

export function peerOf(label: string | null, proxy?: string | undefined): MessageLine['peer'] {
  if (label === null || label === '') return null;
  if (isMasked(label) || (proxy !== undefined && isMasked(proxy))) return 'masked';
  return proxy === undefined ? { label } : { label, proxy };
}

/** Whether a value is hidden: asterisks, a tag, or the name of the masking rule. */
export function isMasked(text: string): boolean {
  return /\*{2}|^\*+$|^<[^>]*>$|^\[[^\]]*\]$|^(hide|un?hide|tag)[-(]/.test(text);
}

const spelled = new Map<string, string>();
const mostSpelled = 10_000;

/** Converts a message's name to the spelling of the wire: `request_register_client` is RequestRegisterClient. */
export function spelledOut(name: string): string {
  const first = name.charCodeAt(0);
  // Names in camel case begin with a capital.
  if (first >= 65 && first <= 90 && !name.includes('_')) return name;
  const known = spelled.get(name);
  if (known !== undefined) return known;
  const camel = camelOf(name);
  const named = camel.charAt(0).toUpperCase() + camel.slice(1);
  if (spelled.size < mostSpelled) spelled.set(name, named);
  return named;
}
