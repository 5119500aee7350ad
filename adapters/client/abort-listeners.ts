interface Listening {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** One listener per signal, for all clients and requests that use it: Node warns of a leak above ten. */
const listening = new WeakMap<AbortSignal, Listening>();

/**
 * Calls back once when the signal aborts.
 * @returns a function that removes the callback
 */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  const { callbacks } = listening.get(signal) ?? listenTo(signal);
  callbacks.add(aborted);
  return () => {
    callbacks.delete(aborted);
    if (callbacks.size === 0) stopListening(signal);
  };
}

function listenTo(signal: AbortSignal): Listening {
  const callbacks = new Set<() => void>();
  const listener = () => {
    listening.delete(signal);
    for (const callback of callbacks) callback();
  };
  const entry = { callbacks, listener };
  listening.set(signal, entry);
  signal.addEventListener('abort', listener, { once: true });
  return entry;
}

function stopListening(signal: AbortSignal): void {
  const entry = listening.get(signal);
  if (!entry || entry.callbacks.size > 0) return;
  listening.delete(signal);
  signal.removeEventListener('abort', entry.listener);
}
