import { longestDelay } from '../../../machines/text/clock.js';
import { IxgateError } from '../../runtime/errors.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import type { Connection, ConnectOptions } from './transport.js';

/** A connection attempt timed out: name lookup, TCP, TLS and upgrade together. */
export class ConnectTimeoutError extends IxgateError {
  override readonly name = 'ConnectTimeoutError';
  constructor(endpoint: Endpoint, timeout: number) {
    super('ETIMEDOUT', `no connection to ${formatEndpoint(endpoint)} within ${timeout} ms`);
  }
}

/** The server refused a WebSocket upgrade. */
export class UpgradeRefusedError extends IxgateError {
  override readonly name = 'UpgradeRefusedError';
  /** The HTTP status. */
  readonly status: number;
  /** Milliseconds until another attempt is worth it (Retry-After), or null when the server gives none. */
  readonly retryAfter: number | null;
  constructor(status: number, reason: string, retryAfter: number | null) {
    super('UPGRADE_REFUSED', `the WebSocket upgrade was answered with ${status} ${reason}`.trim());
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export interface Outcome {
  opened(connection: Connection): void;
  failed(error: Error): void;
}

/**
 * One connection attempt with one timeout for all of it.
 * @param open starts the attempt, reports its outcome, and returns a function that cancels it
 */
export function attempt(
  endpoint: Endpoint,
  { timeout, signal }: ConnectOptions,
  open: (outcome: Outcome) => () => void,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    let giveUp = () => {};
    let settled = false;
    const settle = (act: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      act();
    };
    const abandon = (reason: unknown) =>
      settle(() => {
        giveUp();
        reject(reason);
      });
    const aborted = () => abandon(signal?.reason);
    const timer = setTimeout(
      () => abandon(new ConnectTimeoutError(endpoint, timeout)),
      Math.min(timeout, longestDelay),
    );
    signal?.addEventListener('abort', aborted);
    try {
      giveUp = open({
        opened: (connection) => settle(() => resolve(connection)),
        failed: (error) => settle(() => reject(firstOf(error))),
      });
    } catch (error) {
      // An invalid certificate, or a port out of range.
      settle(() => reject(error));
    }
  });
}

/** The first cause. A host with several addresses fails with an AggregateError, whose message is empty. */
function firstOf(error: Error): Error {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first : error;
}
