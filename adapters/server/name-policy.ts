/** The policies for a client that registers a name whose cap is reached. */
export const namePolicies = {
  allow: 'caps are not enforced: the new session is registered',
  probe:
    'sessions of this name that do not answer are replaced; while all answer, the new one is rejected',
  reject: 'the new session is rejected',
  takeover: 'the oldest session of this name is replaced',
} as const;
export type NamePolicy = keyof typeof namePolicies;

/** Milliseconds that a session may take to answer before another replaces it. */
export const probeTimeout = 2_500;
/** Maximum number of sessions of one name that are probed at once, oldest first. */
export const probedMax = 64;

/** A session whose name another client wants to register. */
export interface NameHolder {
  /** Whether its client still answers; null on a transport that cannot probe. Concurrent callers share one probe. */
  probe(): Promise<boolean> | null;
  /** Ends the session in favour of another. @param isSilent whether its client does not answer; then it is not sent session-replaced */
  replace(isSilent: boolean): void;
}

/**
 * Makes room for one more session of a name.
 * @param holders the sessions of that name, oldest first
 * @returns whether some session was replaced, at once or after the probe
 */
export function makeRoom(
  policy: NamePolicy,
  holders: readonly NameHolder[],
): boolean | Promise<boolean> {
  const [oldest] = holders;
  if (policy === 'reject' || !oldest) return false;
  if (policy === 'takeover') {
    oldest.replace(false);
    return true;
  }
  const probes = holders.slice(0, probedMax).flatMap((holder) => {
    const answer = holder.probe();
    return answer === null ? [] : [{ holder, answer }];
  });
  if (probes.length === 0) return false;
  return Promise.all(
    probes.map(async ({ holder, answer }) => {
      if (await answer) return false;
      holder.replace(true);
      return true;
    }),
  ).then((replaced) => replaced.includes(true));
}
