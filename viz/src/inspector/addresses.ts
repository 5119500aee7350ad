/** The addresses of the page's own server, and the view in the address of the page. */
import type { Cursor } from './model/moment.js';

/** The token in the address of the page; null without one. */
export function tokenIn({ search }: Pick<Location, 'search'>): string | null {
  return new URLSearchParams(search).get('token') || null;
}

/** The WebSocket of a path beside the page, with the page's token. */
export function socketUrl(page: Pick<Location, 'href' | 'search'>, path: string): string {
  const url = new URL(path, page.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  const token = tokenIn(page);
  url.search = token === null ? '' : `?token=${encodeURIComponent(token)}`;
  return url.href;
}

/** What the page shows. */
export interface ShownView {
  /** Id of the app; null for the newest. */
  readonly app: string | null;
  /** Session id of the actor; null for the first machine. */
  readonly actor: string | null;
  readonly cursor: Cursor;
}

export function viewIn(hash: string): ShownView {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const event = Number(parts.get('event') ?? '');
  return {
    app: parts.get('app'),
    actor: parts.get('actor'),
    cursor: Number.isSafeInteger(event) && event > 0 ? event : null,
  };
}

export function hashOf({ app, actor, cursor }: ShownView): string {
  const parts = new URLSearchParams();
  if (app !== null) parts.set('app', app);
  if (actor !== null) parts.set('actor', actor);
  if (cursor !== null) parts.set('event', String(cursor));
  const text = parts.toString();
  return text === '' ? '' : `#${text}`;
}
