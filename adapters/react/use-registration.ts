import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import {
  type ClientEvents,
  type ClientOptions,
  createClient,
  DisconnectedError,
  type GateClient,
  type Registration,
  type RequestOptions,
} from '../client/browser.js';
import { toError } from '../runtime/errors.js';
import { isSame, withLatest } from './same-options.js';

/** What a component knows of its registration. */
export interface RegistrationView {
  /** `offline` without options, before the first effect, and on a server; otherwise the state of the client. */
  readonly state: GateClient['state'];
  /** The registration while the client is online, or null. */
  readonly registration: Registration | null;
  /** Why the last attempt or connection ended, until the next registration; also an OptionError or an EndpointError. */
  readonly error: Error | null;
  /** The last message of the server that answered no request, or null. React may skip some: the handler `event` is called for each. */
  readonly lastEvent: WireMessage | null;
  /** Sends a message. @returns false when the client is not online */
  send(message: WireMessage): boolean;
  /** Sends a message and waits for its answer: see `GateClient.request`. */
  request(message: WireMessage, options?: RequestOptions): Promise<WireMessage>;
}

/** Listeners of the client's events. Those of the latest render are called. */
export type RegistrationHandlers = {
  readonly [Name in keyof ClientEvents]?: (...values: ClientEvents[Name]) => void;
};

type Facts = Pick<RegistrationView, 'state' | 'registration' | 'error' | 'lastEvent'>;
const nothing: Facts = { state: 'offline', registration: null, error: null, lastEvent: null };
const eventNames = [
  'connecting',
  'registered',
  'refused',
  'event',
  'disconnected',
  'waiting',
  'stopped',
] as const satisfies readonly (keyof ClientEvents)[];

/**
 * Registers a page at a gate while the component is mounted.
 *
 * The options may be written in the component. The client is replaced only when their contents change, and the new one connects when the old
 * one is gone. Functions among them may change at any time.
 * @param options of `createClient`; null for no client
 * @param handlers listeners of the client's events; `step` only where it is given at the start
 */
export function useRegistration(
  options: ClientOptions | null,
  handlers: RegistrationHandlers = {},
): RegistrationView {
  const [settled, settle] = useState(options);
  // React renders again at once, before any effect.
  if (!isSame(settled, options)) settle(options);
  const [facts, setFacts] = useState(nothing);
  const latest = useRef({ options, handlers });
  const current = useRef<GateClient | null>(null);
  const gone = useRef<Promise<unknown>>(Promise.resolve());

  useEffect(() => {
    latest.current = { options, handlers };
  });

  useEffect(() => {
    if (settled === null) return;
    let isOver = false;
    const open = () => {
      // StrictMode and a quick change of options end an effect before its client is made.
      if (isOver) return;
      try {
        const client = createClient(withLatest(settled, () => latest.current.options));
        current.current = client;
        const change = (more: Partial<Facts> = {}) => {
          if (!isOver) setFacts((before) => ({ ...before, ...more, state: client.state }));
        };
        follow(client, change);
        listen(client, () => (isOver ? {} : latest.current.handlers));
      } catch (error) {
        setFacts({ ...nothing, state: 'stopped', error: toError(error) });
      }
    };
    void gone.current.then(open);
    return () => {
      isOver = true;
      const client = current.current;
      current.current = null;
      if (client) gone.current = client.close();
      setFacts(nothing);
    };
  }, [settled]);

  const send = useCallback((message: WireMessage) => current.current?.send(message) ?? false, []);
  const request = useCallback(async (message: WireMessage, terms?: RequestOptions) => {
    if (current.current) return current.current.request(message, terms);
    throw new DisconnectedError(
      'not-online',
      'there is no client; a request needs a registered connection',
    );
  }, []);
  return useMemo(() => ({ ...facts, send, request }), [facts, send, request]);
}

/** Keeps the facts up to date. */
function follow(client: GateClient, change: (more?: Partial<Facts>) => void): void {
  client
    .on('connecting', () => change())
    .on('registered', (registration) => change({ registration, error: null }))
    .on('refused', (error) => change({ error }))
    .on('event', (lastEvent) => change({ lastEvent }))
    .on('disconnected', (_, error) => change({ registration: null, ...(error && { error }) }))
    .on('waiting', () => change())
    .on('stopped', (error) => change({ registration: null, ...(error && { error }) }));
}

/** Calls the handlers of the latest render. */
function listen(client: GateClient, handlers: () => RegistrationHandlers): void {
  const names: readonly (keyof ClientEvents)[] = handlers().step
    ? [...eventNames, 'step']
    : eventNames;
  for (const name of names)
    client.on(name, (...values) => {
      (handlers()[name] as ((...values: unknown[]) => void) | undefined)?.(...values);
    });
}
