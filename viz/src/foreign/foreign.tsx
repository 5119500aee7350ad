/** Services of xstate 4 somewhere else: their list, the chart of one, and its events as they come. */
import { type ReactNode, useId, useState } from 'react';
import { useNarrow } from '../parts/use-narrow.js';
import type { ForeignProps } from '../state/contracts.js';
import { receiverAddress } from './address.js';
import './foreign.css';
import type { ForeignView } from './inspector.js';
import { ServiceList } from './service-list.js';
import { ServiceStage } from './service-stage.js';
import { useInspector } from './use-inspector.js';

/** Below this width (pixels) the chart is above the lists; foreign.css says the same. */
const oneColumn = 900;

export function Foreign({ url, gate, onUrl }: ForeignProps): ReactNode {
  const view = useInspector(url);
  const [chosen, setChosen] = useState<string | null>(null);
  const services = view?.services ?? [];
  // Until somebody chooses, the newest that runs is looked at.
  const service =
    services.find(({ sessionId }) => sessionId === chosen) ??
    services.findLast(({ stopped }) => !stopped) ??
    services.at(-1) ??
    null;
  const narrow = useNarrow(oneColumn);
  const stage = service && <ServiceStage key={service.sessionId} service={service} />;
  const list = (
    <ServiceList
      key="services"
      services={services}
      selected={service?.sessionId ?? null}
      onSelect={setChosen}
    />
  );
  return (
    <section className="foreign" aria-label="XState 4 inspector">
      <header className="foreign-header">
        <AddressForm key={url} url={url} onUrl={onUrl} />
        <Status view={view} />
        <button type="button" onClick={() => onUrl(null)}>
          Back to the sessions
        </button>
      </header>
      {view === null ? (
        <Hint gate={gate} onUrl={onUrl} />
      ) : (
        <div className="foreign-body">{narrow ? [stage, list] : [list, stage]}</div>
      )}
    </section>
  );
}

function AddressForm({ url, onUrl }: Omit<ForeignProps, 'gate'>): ReactNode {
  const [text, setText] = useState(url);
  const [wrong, setWrong] = useState(false);
  const problem = useId();
  return (
    <form
      className="foreign-address"
      onSubmit={(event) => {
        event.preventDefault();
        if (receiverAddress(text) === null) setWrong(true);
        else onUrl(text.trim());
      }}
    >
      <label>
        <span>Inspector at</span>
        <input
          aria-label="Inspector at"
          value={text}
          placeholder="ws://localhost:8888"
          spellCheck={false}
          autoCapitalize="off"
          aria-invalid={wrong}
          aria-describedby={wrong ? problem : undefined}
          onChange={({ target }) => {
            setText(target.value);
            setWrong(false);
          }}
        />
      </label>
      <button type="submit">Watch</button>
      {wrong && (
        <span id={problem} className="tone bad" role="alert">
          No address: write ws://localhost:8888, for example
        </span>
      )}
    </form>
  );
}

function Status({ view }: { readonly view: ForeignView | null }): ReactNode {
  if (view === null) return <p className="foreign-status" />;
  const { status, problem, services } = view;
  const running = services.filter(({ stopped }) => !stopped).length;
  const words =
    problem ??
    (status === 'connecting' ? 'Connecting ...' : `Connected; ${counted(running)} running`);
  const tone = status === 'open' ? 'ok' : status === 'connecting' ? '' : 'bad';
  return (
    <p className="foreign-status" role="status">
      <span className={`dot ${tone}`} aria-hidden="true" />
      {words}
    </p>
  );
}

function counted(count: number): string {
  return count === 1 ? '1 service' : `${count} services`;
}

const howTo = `import { inspect } from '@xstate/inspect/lib/server.js';
import { WebSocketServer } from 'ws';

inspect({ server: new WebSocketServer({ port: 8888, host: '127.0.0.1' }) });
interpret(machine, { devTools: true }).start();`;

function Hint({ gate, onUrl }: Omit<ForeignProps, 'url'>): ReactNode {
  const own = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/xstate`;
  return (
    <div className="foreign-hint">
      <h2>Watch services of XState 4</h2>
      <p>
        Any process that uses @xstate/inspect on a WebSocket can be watched. In it, before its
        services start:
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
      <pre tabIndex={0}>{howTo}</pre>
      {gate && (
        <p>
          This gate shows its own sessions that way too:{' '}
          <button type="button" className="plain" onClick={() => onUrl(own)}>
            {own}
          </button>
        </p>
      )}
    </div>
  );
}
