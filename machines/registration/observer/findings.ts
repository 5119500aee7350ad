/** Findings: protocol violations and problems in a log. Each has a stable code and a heading in docs/logs.md. */

/** The codes of findings, each with its meaning. */
export const findingCodes = {
  'message-before-connection': 'A message came from or went to somebody who had not connected.',
  'disconnect-before-connection': 'Somebody disconnected who had not connected.',
  'connected-twice': 'A connection was set up that was there already.',
  'answer-without-request': 'The server answered where nothing was asked.',
  'acknowledged-unregistered':
    'The server acknowledged a message of a client that is not registered.',
  'event-to-unregistered':
    'The server told a client that is not registered something that is no answer.',
  'request-before-answer': 'The client spoke again before the server had answered.',
  'registration-unanswered': 'RequestRegisterClient was never answered.',
  'request-unanswered':
    'A message that was not allowed before the registration was never answered.',
  'registered-without-answer':
    'The log says that a client is registered, and no EventAck says so to the client.',
  'registered-without-request': 'The log says that a client is registered that never asked.',
  'wrong-reference-id': "An answer has somebody else's reference id.",
  'traffic-after-disconnect': 'A message came from or went to somebody who had disconnected.',
  'deadline-overrun': 'The server let a client stay longer than its deadline.',
  'unknown-proxy': 'A client speaks through a proxy that is not registered.',
  'unknown-client-unregistered':
    'The server was asked to unregister a client that it does not know.',
  'recording-differs': 'A recording says something else of a step than the chart.',
  'time-backwards': 'The time in the log goes backwards.',
} as const;
export type FindingCode = keyof typeof findingCodes;

/** One finding. */
export interface Finding {
  readonly code: FindingCode;
  /** The problem with its values. */
  readonly sentence: string;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  /** The session, or null. */
  readonly session: string | null;
  /** The client's name or its label in the log; null when the finding concerns no client. */
  readonly client: string | null;
  readonly file: string | null;
  /** 1 and up, or null. */
  readonly line: number | null;
}
