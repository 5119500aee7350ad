/** A React page that shows the charts of its machines, with the state of the running actors. */
import { useMachine } from '@xstate/react';
import { type StatechartTheme, StatechartView } from 'ixgate/react';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { setup } from 'xstate';
import { multiStepForm } from '../charts/multi-step-form.js';

const playerMachine = setup({}).createMachine({
  id: 'player',
  type: 'parallel',
  states: {
    transport: {
      initial: 'stopped',
      states: {
        stopped: { on: { PLAY: 'playing' } },
        playing: { on: { PAUSE: 'paused', STOP: 'stopped' }, after: { 60000: 'stopped' } },
        paused: { on: { PLAY: 'playing', STOP: 'stopped' } },
      },
    },
    volume: {
      initial: 'audible',
      states: { audible: { on: { MUTE: 'muted' } }, muted: { on: { MUTE: 'audible' } } },
    },
  },
});

const events = ['PLAY', 'PAUSE', 'STOP', 'MUTE'] as const;

function Player({ theme }: { readonly theme: StatechartTheme }) {
  const [snapshot, send] = useMachine(playerMachine);
  const [transition, setTransition] = useState<string | null>(null);
  return (
    <section aria-label="Player">
      <p>
        {events.map((type) => (
          <button key={type} type="button" onClick={() => send({ type })}>
            {type}
          </button>
        ))}
      </p>
      <StatechartView
        machine={playerMachine}
        snapshot={snapshot}
        theme={theme}
        onTransitionSelect={setTransition}
        className="chart"
        style={{ height: '24rem' }}
      />
      <p>
        Selected: <output>{transition ?? 'nothing'}</output>
      </p>
    </section>
  );
}

function Page() {
  const [theme, setTheme] = useState<StatechartTheme>('auto');
  const [isShown, setShown] = useState(true);
  return (
    <main>
      <h1>Statecharts in a React page</h1>
      <p>
        <select
          aria-label="Theme"
          value={theme}
          onChange={({ target }) => setTheme(target.value as StatechartTheme)}
        >
          <option>auto</option>
          <option>light</option>
          <option>dark</option>
        </select>
        <button type="button" id="toggle" onClick={() => setShown(!isShown)}>
          {isShown ? 'Hide the player' : 'Show the player'}
        </button>
      </p>
      {isShown && <Player theme={theme} />}
      <h2>Another machine, without an actor</h2>
      <StatechartView
        machine={multiStepForm}
        theme={theme}
        className="chart"
        style={{ height: '30rem' }}
      />
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
