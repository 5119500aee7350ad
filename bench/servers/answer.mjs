// The answer to a registration by the servers that frame their own messages.
export function answerTo(text) {
  const { messageName, referenceId, clientName } = JSON.parse(text);
  const isValid = messageName === 'RequestRegisterClient' && typeof clientName === 'string';
  return JSON.stringify({ messageName: isValid ? 'EventAck' : 'EventError', referenceId });
}
