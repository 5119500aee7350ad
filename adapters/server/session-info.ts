import type { Configuration, ErrorName } from '../../machines/index.js';
import type { Connection } from '../net/transports/transport.js';

/** What can be told of a live session. */
export interface SessionInfo {
  readonly id: string;
  readonly state: Configuration;
  readonly scheme: Connection['scheme'];
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** As registered; null until then. */
  readonly clientName: string | null;
  /** The name it last asked to register as, granted or not; a value that is not a string is shown as JSON. Null until it asks. */
  readonly askedAs: string | null;
  readonly clientType: string | null;
  readonly mediaType: string | null;
  readonly proxyClientId: number | null;
  /** Wall clock, milliseconds since 1970. */
  readonly connectedAt: number;
  readonly registeredAt: number | null;
  /** Milliseconds left until the running deadline, or null when none runs. */
  readonly deadline: number | null;
  /** How often this client was refused before it registered. */
  readonly errors: number;
  /** Common name of the client's certificate (mutual TLS), or null. */
  readonly certificateSubject: string | null;
}

/** What a refused client was told. */
export interface Refusal {
  readonly errorCode: number;
  readonly errorName: ErrorName | null;
  readonly errorDescription: string;
}
