import type { Configuration } from '../../machines/registration/chart/configurations.js';
import type { ErrorName } from '../../machines/registration/chart/error-codes.js';
import type { Connection } from '../net/transports/transport.js';

/** A snapshot of a live session. */
export interface SessionInfo {
  readonly id: string;
  /** The id of the session of the proxy that carries this client on its connection; null for a client with its own connection. */
  readonly carrier: string | null;
  readonly state: Configuration;
  readonly scheme: Connection['scheme'];
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The registered name; null until then. */
  readonly clientName: string | null;
  /** The name in its last registration request, granted or not; a value that is not a string is shown as JSON. Null before the first. */
  readonly askedAs: string | null;
  readonly clientType: string | null;
  readonly mediaType: string | null;
  readonly proxyClientId: number | null;
  /** Wall clock; milliseconds since 1970. */
  readonly connectedAt: number;
  readonly registeredAt: number | null;
  /** Milliseconds left until the running deadline, or null when none runs. */
  readonly deadline: number | null;
  /** Number of EventErrors sent to the client before it registered. */
  readonly errors: number;
  /** Common name of the client's certificate (mutual TLS), or null. */
  readonly certificateSubject: string | null;
  /** The gate that has the session, by its name in the cluster; null without a directory. */
  readonly node: string | null;
  /** The fencing number of its name (`ServerSession.epoch`); null without a directory, or for a name without a cap. */
  readonly epoch: number | null;
}

/** The EventError that an unregistered client was sent. */
export interface Refusal {
  readonly errorCode: number;
  readonly errorName: ErrorName | null;
  readonly errorDescription: string;
}
