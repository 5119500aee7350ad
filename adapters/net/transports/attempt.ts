import { longestDelay } from '../../../machines/index.js';
import { IxgateError } from '../../runtime/errors.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import type { Connection, ConnectOptions } from './transport.js';

/** A connection attempt took too long, wherever it stood: name, TCP, TLS or upgrade. */
export class ConnectTimeoutError extends IxgateError {
  override readonly name = 'ConnectTimeoutError';
  constructor(endpoint: Endpoint, timeout: number) {
    super('ETIMEDOUT', `no connection to ${formatEndpoint(endpoint)} within ${timeout} ms`);
  }
}

/** The server answered a WebSocket upgrade with something else than the upgrade. */
export class UpgradeRefusedError extends IxgateError {
  override readonly name = 'UpgradeRefusedError';
  /** The HTTP status. */
  readonly status: number;
  /** Milliseconds the server asks to be left alone (Retry-After), or null when it does not say. */
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
 * One connection attempt with one time limit over the whole of it.
 * @param open starts it, tells how it came out, and returns what gives it up.
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
      // Certificates that cannot be read, a port out of range.
      settle(() => reject(error));
    }
  });
}

/** A host with several addresses fails with all their errors in an AggregateError, whose own message is empty. */
function firstOf(error: Error): Error {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first : error;
}
