import type { InspectionEvent } from 'xstate';
import { OptionError } from '../../runtime/errors.js';
import { wholeNumber } from '../../runtime/whole-number.js';

export interface InspectorOptions {
  /**
   * Address of the inspector.
   * @default 'ws://127.0.0.1:7080/stately'; in browsers that of `globalThis.ixgateInspector`, and without it nothing is sent
   */
  readonly url?: string | undefined;
  /** False sends nothing: e.g. `process.env.NODE_ENV !== 'production'`. @default true */
  readonly enabled?: boolean | undefined;
  /** Name of the app in the inspector. @default the name of its first actor */
  readonly name?: string | undefined;
  /** Maximum number of messages that wait; the oldest are left out, which the inspector shows. 1 to 1000000. @default 10000 */
  readonly maxWaiting?: number | undefined;
}

export interface Inspector {
  /** For `createActor(machine, { inspect })`. It never throws, and does not wait. */
  readonly inspect: (event: InspectionEvent) => void;
  /**
   * Sends what waits, and waits for a connection if there is none yet.
   * @param timeout in milliseconds; default 5000
   * @returns true when the system has taken all of it; false after the timeout, and when the inspector is closed or not enabled
   */
  flush(timeout?: number): Promise<boolean>;
  /** Sends what waits, if it is connected, and disconnects. Later events are ignored. */
  close(): void;
}

/** For an app that tells nothing. */
export const noInspector: Inspector = {
  inspect() {},
  flush: async () => false,
  close() {},
};

/** The checked options. */
export interface InspectorSettings {
  /** With the name of the app, and a key that is the same after a loss of the connection. */
  readonly url: string;
  readonly maxWaiting: number;
}

/** @throws {OptionError} */
export function inspectorSettings(options: InspectorOptions): InspectorSettings {
  const { url = 'ws://127.0.0.1:7080/stately', name, maxWaiting = 10_000 } = options;
  const address = URL.canParse(url) ? new URL(url) : null;
  if (!address || !['ws:', 'wss:'].includes(address.protocol)) {
    throw new OptionError('url', url, 'a WebSocket address, e.g. ws://127.0.0.1:7080/stately');
  }
  // A WebSocket refuses an address with a fragment.
  address.hash = '';
  address.searchParams.set('app', randomKey());
  if (name !== undefined) address.searchParams.set('name', name);
  const range = { min: 1, max: 1_000_000, unit: '' };
  return { url: address.href, maxWaiting: wholeNumber('maxWaiting', maxWaiting, range) };
}

/** Pages without TLS have no `crypto.randomUUID`. */
function randomKey(): string {
  return Array.from({ length: 4 }, () => Math.random().toString(36).slice(2, 8)).join('');
}
