import { banRoutes } from './ban-routes.js';
import { gateRoutes } from './gate-routes.js';
import type { Route } from './route.js';
import { sessionRoutes } from './session-routes.js';

/** Every route of live control. */
export const routes: readonly Route[] = [...gateRoutes, ...sessionRoutes, ...banRoutes];

/** What a path stands for. */
export interface Found {
  /** The routes of the path, one for each method. */
  readonly routes: readonly Route[];
  /** The id in the path; empty without one. */
  readonly id: string;
}

/** The routes of a path; null where there are none. */
export function find(path: string, all: readonly Route[]): Found | null {
  const [, id] = /^\/sessions\/([^/]{1,200})$/.exec(path) ?? [];
  const wanted = id === undefined ? path : '/sessions/{id}';
  const found = all.filter((route) => route.path === wanted);
  return found.length === 0 ? null : { routes: found, id: decoded(id ?? '') };
}

/** A path may be percent-encoded; an invalid one is an unknown id. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
