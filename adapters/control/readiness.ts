import type { GateView } from '../server/index.js';

/** The reason why a gate is not ready for clients; null when it is ready. @param isStopping whether a stop was announced */
export function notReady(
  { isClosing, isDraining, isOverloaded, workers, directory }: GateView,
  isStopping: boolean,
): string | null {
  if (isStopping || isClosing) return 'the gate is shutting down';
  if (isDraining) return 'the gate is draining';
  if (workers?.startError) return `a worker cannot be started (${workers.startError})`;
  if (workers?.live === 0) return 'all workers are down or hung';
  // A gate that registers clients all the same is ready: a lost store must not take all gates out of service.
  const refusesNames = directory?.state === 'lost' && directory.claimsOnLoss === 'refuse';
  if (refusesNames) return 'the directory of names is lost';
  return isOverloaded ? 'the event loop is overloaded' : null;
}
