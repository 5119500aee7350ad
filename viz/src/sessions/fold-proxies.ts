import type { SessionSummary } from '../../../machines/index.js';

/** The rows of the list: the clients of a proxy are below it, or folded away. */
export interface FoldedSessions {
  readonly rows: readonly SessionSummary[];
  /** Number of listed clients of each listed proxy that carries any, by its session. */
  readonly clients: ReadonlyMap<string, number>;
}

const none: ReadonlyMap<string, number> = new Map();

/**
 * Puts the clients of proxies below their proxy, in the order of the list. A client whose proxy is not listed, e.g. because of a filter,
 * keeps its place.
 * @param open the sessions of the proxies whose clients are shown
 */
export function foldProxies(
  sessions: readonly SessionSummary[],
  open: ReadonlySet<string>,
): FoldedSessions {
  // Most lists have no proxies, and lists may be long.
  if (!sessions.some(({ carrier }) => carrier !== undefined))
    return { rows: sessions, clients: none };
  const listed = new Set(sessions.map(({ session }) => session));
  const byCarrier = new Map<string, SessionSummary[]>();
  const others: SessionSummary[] = [];
  for (const summary of sessions) {
    const { carrier } = summary;
    if (carrier === undefined || !listed.has(carrier)) {
      others.push(summary);
      continue;
    }
    const siblings = byCarrier.get(carrier);
    if (siblings) siblings.push(summary);
    else byCarrier.set(carrier, [summary]);
  }
  const rows = others.flatMap((summary) => {
    const { session } = summary;
    return open.has(session) ? [summary, ...(byCarrier.get(session) ?? [])] : [summary];
  });
  const clients = new Map([...byCarrier].map(([carrier, all]) => [carrier, all.length]));
  return { rows, clients };
}
