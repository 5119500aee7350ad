/** A page whose component is registered while it is shown. `?gate=ws://127.0.0.1:7005` */
import { useRegistration } from 'ixgate/react';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

const endpoints = new URLSearchParams(location.search).get('gate') ?? 'ws://127.0.0.1:7005';

function Desk({ name, note }: { readonly name: string; readonly note: string }) {
  const [events, setEvents] = useState<readonly string[]>([]);
  const add = (text: string) => setEvents((before) => [...before, text]);
  // Written in the component: the client is replaced only when a value changes, here the name.
  const { state, registration, error, request } = useRegistration(
    {
      endpoints,
      clientName: name,
      clientType: 'AgentApplication',
      extension: () => ({ note }),
      reconnect: { initialDelay: 200, spread: 1_000 },
    },
    { event: ({ messageName }) => add(`received ${messageName}`) },
  );
  const login = () =>
    request({ messageName: 'RequestAgentLogin' }).then(
      ({ messageName }) => add(`answered with ${messageName}`),
      (problem: Error) => add(problem.message),
    );
  return (
    <section>
      <p>
        {name}: <strong data-state={state}>{state}</strong>
        {registration && ` at ${registration.endpoint}`}
      </p>
      {error && <p role="alert">{error.message}</p>}
      <button type="button" id="login" disabled={state !== 'online'} onClick={login}>
        Log in
      </button>
      <ol>
        {events.map((text, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list only grows
          <li key={index}>{text}</li>
        ))}
      </ol>
    </section>
  );
}

function Page() {
  const [isShown, setShown] = useState(true);
  const [name, setName] = useState('page-1');
  const [note, setNote] = useState('');
  return (
    <main>
      <h1>A registration in React</h1>
      <label>
        Name <input id="name" value={name} onChange={({ target }) => setName(target.value)} />
      </label>
      <label>
        Note <input id="note" value={note} onChange={({ target }) => setNote(target.value)} />
      </label>
      <button type="button" id="toggle" onClick={() => setShown(!isShown)}>
        {isShown ? 'Leave' : 'Join'}
      </button>
      {isShown && <Desk name={name} note={note} />}
    </main>
  );
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
