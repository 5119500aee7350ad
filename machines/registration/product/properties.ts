/** The properties that are checked for every session, each with a name and a sentence. */

export const checkedProperties = [
  {
    id: 'agreement',
    name: 'agreement',
    sentence: 'A client that considers itself registered was registered by the server.',
  },
  {
    id: 'entry',
    name: 'no registration without a valid request',
    sentence:
      'The server registers a client only with an EventAck to the request of a valid client.',
  },
  {
    id: 'deadline',
    name: 'no unregistered connection without a running deadline',
    sentence: 'While a connected client is unregistered, a deadline of the server runs.',
  },
  {
    id: 'end',
    name: 'every session ends registered or disconnected',
    sentence: 'No connection stays unregistered forever, whatever messages are sent.',
  },
  {
    id: 'silence',
    name: 'nothing is sent after the disconnect',
    sentence: 'A side that has disconnected sends no more messages.',
  },
  {
    id: 'once',
    name: 'every message is answered at most once',
    sentence: 'No message of the client is answered twice.',
  },
  {
    id: 'answered',
    name: 'every request is answered',
    sentence: 'When no message is in flight, every message that the server has read is answered.',
  },
  {
    id: 'deadlock',
    name: 'no deadlock',
    sentence:
      'While a message is in flight or an answer is pending, one of the two sides can continue.',
  },
  {
    id: 'settled',
    name: 'both sides reach the same state',
    sentence:
      'When no message is in flight, both sides are registered, or both are connected and unregistered, or both have ended. Not in the Genesys document.',
  },
  {
    id: 'left-alone',
    name: 'no deadline for a registered client',
    sentence: 'No timeout ends a registered session. Not in the Genesys document.',
  },
] as const satisfies readonly { id: string; name: string; sentence: string }[];

export type CheckedProperty = (typeof checkedProperties)[number];
export type CheckedPropertyId = CheckedProperty['id'];

/** @throws {RangeError} for an unknown id; the message lists the ids. */
export function findCheckedProperty(id: string): CheckedProperty {
  const found = checkedProperties.find((property) => property.id === id);
  if (found) return found;
  const ids = checkedProperties.map((property) => property.id).join(', ');
  throw new RangeError(`unknown property ${JSON.stringify(id)}; expected one of: ${ids}`);
}
