/** The properties that are checked for every session, each with a name and a sentence. */

export const checkedProperties = [
  {
    id: 'agreement',
    name: 'agreement',
    sentence: 'A client that believes to be registered was registered by the server.',
  },
  {
    id: 'entry',
    name: 'no entry without a valid request',
    sentence: 'The server registers a client only with an EventAck to the request of a valid one.',
  },
  {
    id: 'deadline',
    name: 'no unregistered connection without a running deadline',
    sentence: 'While a connected client is not registered a deadline of the server runs.',
  },
  {
    id: 'end',
    name: 'every session ends registered or disconnected',
    sentence:
      'However long it goes on and whatever is said, no connection stays unregistered for ever.',
  },
  {
    id: 'silence',
    name: 'nothing is sent after the disconnect',
    sentence: 'A side that has disconnected says nothing any more.',
  },
  {
    id: 'once',
    name: 'every message is answered at most once',
    sentence: 'Nothing that the client says is answered twice.',
  },
  {
    id: 'answered',
    name: 'every request is answered by somebody',
    sentence:
      'When nothing is on its way any more, nothing that the server has read is left unanswered.',
  },
  {
    id: 'deadlock',
    name: 'no deadlock',
    sentence: 'While something is on its way or owed, one of the two sides can go on.',
  },
  {
    id: 'settled',
    name: 'both sides end up in the same place',
    sentence:
      'When nothing is on its way any more, both sides are registered, or neither is and both are connected, or both are gone. Our own addition.',
  },
  {
    id: 'left-alone',
    name: 'a registered client is left alone',
    sentence: 'No timeout ends a session that is registered. Our own addition.',
  },
] as const satisfies readonly { id: string; name: string; sentence: string }[];

export type CheckedProperty = (typeof checkedProperties)[number];
export type CheckedPropertyId = CheckedProperty['id'];

/** @throws {RangeError} for an unknown id; the message lists the ids. */
export function findCheckedProperty(id: string): CheckedProperty {
  const found = checkedProperties.find((property) => property.id === id);
  if (found) return found;
  const ids = checkedProperties.map((property) => property.id).join(', ');
  throw new RangeError(`there is no property ${JSON.stringify(id)}; the properties are ${ids}`);
}
