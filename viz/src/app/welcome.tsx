import type { Connection } from '../feed/feed-client.js';
import type { ViewState } from '../state/contracts.js';

interface WelcomeProps {
  readonly view: ViewState;
  readonly connection: Connection;
  /** Whether the gate's list has come. */
  readonly listed: boolean;
  /** Sessions that are known. */
  readonly known: number;
  readonly unknown: boolean;
  onSimulate(): void;
  onOpenRecording(): void;
  /** Leaves a recording that is not open. */
  onBack(): void;
}

const register =
  '{"messageName":"RequestRegisterClient","referenceId":1,"clientName":"desk-1","clientType":"AgentApplication"}';

/** What to type in a terminal; the gate says where it listens. */
function commandsFor(endpoints: readonly string[]): string[] {
  const [first] = endpoints;
  const endpoint = (endpoints.find((one) => one.startsWith('tcp:')) ?? first)?.replace(
    /\/\/(0\.0\.0\.0|\[::\])(?=:)/,
    `//${location.hostname}`,
  );
  if (endpoint === undefined) return [];
  const [, host, port] = /^tcp:\/\/\[?(.*?)\]?:(\d+)$/.exec(endpoint) ?? [];
  return [
    ...(host === undefined ? [] : [`echo '${register}' | nc ${host} ${port}`]),
    `npx ixgate register ${endpoint} --name desk-1 --type AgentApplication`,
    `npx ixgate figures run --against ${endpoint}`,
  ];
}

/** What stands where a session would: why there is none, and what to do about it. */
export function Welcome(props: WelcomeProps) {
  const { view, connection, listed, known, unknown, onSimulate, onOpenRecording, onBack } = props;
  const isConnected = connection.phase === 'open';
  const commands = isConnected && listed ? commandsFor(connection.endpoints) : null;
  return (
    <section className="welcome" aria-label="No session">
      {view.recording !== null && view.session !== null ? (
        <Missing
          title={`Session ${view.session} is in the recording ${view.recording}, which is not open here`}
          text="Open that file, or drop it on the page; the address then leads to its session."
        />
      ) : view.session !== null && unknown ? (
        <Missing
          title={`The gate does not know session ${view.session}`}
          text="It has been forgotten since, or another gate ran when the link was made."
        />
      ) : known > 0 ? (
        <Missing title="No session is chosen" text="Choose one in the list." />
      ) : commands ? (
        <>
          <h2>No client has connected</h2>
          <p>The first that does appears here, live. Try one of these in a terminal:</p>
          <ul className="commands">
            {commands.map((command) => (
              <li key={command}>
                <code>{command}</code>
              </li>
            ))}
          </ul>
        </>
      ) : connection.phase === 'none' ? (
        <>
          <h2>Nothing to see yet</h2>
          <p>
            Drop a recording on the page (a gate writes one with <code>--record</code>), or start a
            gate and open the page from it:
          </p>
          <ul className="commands">
            <li>
              <code>npx ixgate serve</code>
            </li>
          </ul>
        </>
      ) : connection.phase === 'locked' ? (
        <Missing
          title="The gate asks for its token"
          text="It is the one that the gate was started with (--admin-token). Type it at the top of the page; this browser then stays signed in for seven days."
        />
      ) : isConnected ? (
        <Missing title="Loading the sessions" text="The gate is sending its list." />
      ) : (
        <Missing title="No gate yet" text="Retrying. You can still:" />
      )}
      <p className="choices">
        <button type="button" onClick={onSimulate}>
          Try the chart by hand
        </button>
        <button type="button" onClick={onOpenRecording}>
          Open a recording
        </button>
        {view.recording !== null && connection.phase !== 'none' && (
          <button type="button" onClick={onBack}>
            Back to the gate
          </button>
        )}
      </p>
    </section>
  );
}

function Missing({ title, text }: { title: string; text: string }) {
  return (
    <>
      <h2>{title}</h2>
      <p>{text}</p>
    </>
  );
}
