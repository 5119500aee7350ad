// What the peers that frame their own messages answer to a registration.
export function answerTo(text) {
  const { messageName, referenceId, clientName } = JSON.parse(text);
  const isValid = messageName === 'RequestRegisterClient' && typeof clientName === 'string';
  return JSON.stringify({ messageName: isValid ? 'EventAck' : 'EventError', referenceId });
}
