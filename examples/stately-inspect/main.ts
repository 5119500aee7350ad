/** The bare chart, watched by @statelyai/inspect. */
import { createBrowserInspector } from '@statelyai/inspect';
import { type RegistrationEvent, redactMessage, seated, systemClock } from 'ixgate/machines';
import { createActor } from 'xstate';

const inspector = createBrowserInspector({
  iframe: document.querySelector<HTMLIFrameElement>('#inspector'),
  // The inspector is another site: secrets of messages must not reach it.
  sanitizeEvent: (event) =>
    'message' in event ? { ...event, message: redactMessage(event.message) } : event,
});

const chart = seated({
  delays: { registrationTimeout: 60_000, rejectionTimeout: 30_000 },
  actions: {},
});
const actor = createActor(chart, { clock: systemClock, inspect: inspector.inspect });
actor.start();

const events: readonly RegistrationEvent[] = [
  { type: 'Connected' },
  {
    type: 'RequestRegisterClient',
    message: {
      messageName: 'RequestRegisterClient',
      referenceId: 1,
      clientName: 'desk-1',
      clientType: 'AgentApplication',
      password: 'pin-secret',
    },
  },
  { type: 'EventAck' },
  { type: 'EventError' },
  { type: 'Disconnected', reason: 'peer-closed' },
];
for (const event of events) {
  const button = document.createElement('button');
  button.textContent = event.type;
  button.onclick = () => actor.send(event);
  document.getElementById('events')?.append(button);
}
