/** How a connection came to its gate. All connections of a listener share it. */
export interface Arrival {
  /** The endpoint of the listener as text, or the name that was given to it. */
  listener: string;
  /** The port that the service stated for the connection. @default that of the connection */
  readonly remotePort?: number | undefined;
}
