/**
 * What happened to a message for a client. `sent`: the system has it. `buffered`: it waits in the gate, because the client reads slowly,
 * or it leaves together with other messages or after the recording. `not-registered`: the client is not registered, so nothing was
 * sent. `closed`: the session is over, so nothing was sent, or the message made the client exceed `maxUnsent` and ended it.
 */
export type SendOutcome = 'sent' | 'buffered' | 'not-registered' | 'closed';

/** The number of sessions of a group for each outcome. */
export type SendCounts = Readonly<Record<SendOutcome, number>>;
