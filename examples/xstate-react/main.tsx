/** The bare chart in React: `useActorRef` of @xstate/react runs it, `seated` gives it actions and deadlines. */
import { useActorRef, useSelector } from '@xstate/react';
import {
  configurationOf,
  type RegistrationEvent,
  seated,
  systemClock,
  transitionsTaken,
} from 'ixgate/machines';
import { StrictMode, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';

const given = new URLSearchParams(location.search).get('rejection');
const events: readonly RegistrationEvent[] = [
  { type: 'Connected' },
  { type: 'RequestRegisterClient' },
  { type: 'OtherMessage' },
  { type: 'EventAck' },
  { type: 'EventError' },
  { type: 'Disconnected', reason: 'peer-closed' },
];

function Connection() {
  const [end, setEnd] = useState('');
  // A chart is made once for a component: another chart would be another actor.
  const chart = useMemo(
    () =>
      seated({
        delays: { registrationTimeout: 10_000, rejectionTimeout: Number(given ?? 5_000) },
        actions: { disconnect: setEnd },
      }),
    [],
  );
  const actor = useActorRef(chart, { clock: systemClock });
  const configuration = useSelector(actor, configurationOf);
  return (
    <main>
      <h1>The registration chart</h1>
      <p>
        The connection is <output>{configuration}</output> {end && <em>({end})</em>}
      </p>
      {events.map((event) => (
        <button
          key={event.type}
          type="button"
          disabled={
            !transitionsTaken(configuration, event.type).some(({ unexpected }) => !unexpected)
          }
          onClick={() => actor.send(event)}
        >
          {event.type}
        </button>
      ))}
    </main>
  );
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Connection />
    </StrictMode>,
  );
