/** Protocol violations in a log. Each has a stable code and a heading in docs/logs.md. */

/** The findings, each with its meaning. */
export const findingCodes = {
  'message-before-connection':
    'A client sent or received a message, but the log has no connect of this client.',
  'disconnect-before-connection': 'A client disconnected, but the log has no connect of it.',
  'connected-twice': 'A client connected on a connection that was already open.',
  'answer-without-request': 'The server sent an answer without a request.',
  'acknowledged-unregistered':
    'The server acknowledged a message of a client that is not registered.',
  'event-to-unregistered':
    'The server sent an unregistered client a message other than EventAck and EventError.',
  'request-before-answer': 'The client sent its next message before the server answered.',
  'registration-unanswered': 'RequestRegisterClient was never answered.',
  'request-unanswered':
    'A message that was not allowed before the registration was never answered.',
  'registered-without-answer':
    'The log states that a client is registered, but the client received no EventAck.',
  'registered-without-request':
    'The log states that a client is registered, but the client never asked to register.',
  'wrong-reference-id': 'The reference id of an answer is not that of its request.',
  'traffic-after-disconnect': 'A client sent or received a message after its disconnect.',
  'deadline-overrun': 'The server disconnected a client later than its deadline, or not at all.',
  'unknown-proxy': 'A client sends messages through a proxy that is not registered.',
  'unknown-client-unregistered':
    'The server was asked to unregister a client that it does not know.',
  'recording-differs': 'The state in a recording differs from the state of the chart.',
  'time-backwards': 'The time in the log goes backwards.',
} as const;
export type FindingCode = keyof typeof findingCodes;

/** One finding. */
export interface Finding {
  readonly code: FindingCode;
  /** The problem, with its values. */
  readonly sentence: string;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  /** The session of the finding, or null. */
  readonly session: string | null;
  /** The client's name, or its name in the log; null when the finding belongs to no client. */
  readonly client: string | null;
  readonly file: string | null;
  /** 1 and up, or null. */
  readonly line: number | null;
}
