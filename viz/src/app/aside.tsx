import { flushSync } from 'react-dom';
import { CoveragePanel } from '../coverage/index.js';
import { Figures } from '../figures/index.js';
import { webSocketOf } from '../parts/web-socket-of.js';
import { Sessions, useGateClock, useListing } from '../sessions/index.js';
import { Simulator } from '../simulator/index.js';
import type { FiguresProps } from '../state/contracts.js';
import {
  closeRecording,
  show,
  showPath,
  showPlayed,
  showSimulated,
  tell,
  usePage,
} from '../state/store.js';
import { LearnedPanel } from './lazy-learned.js';

/** The panel beside the session: the list, figures, simulator, coverage or learned machine. Figures and simulator keep their state while they are hidden. */
export function Aside({ onClose }: { onClose(): void }) {
  const view = usePage((state) => state.view);
  const recordings = usePage((state) => state.recordings);
  const connection = usePage((state) => state.connection);
  const listed = usePage((state) => state.listed);
  const now = useGateClock();
  const listing = useListing(now);
  const gate = connection.phase !== 'none';
  return (
    <aside className={`page-aside ${view.tab}`} aria-label="Sources">
      <button type="button" className="close-list" onClick={onClose}>
        Close the list
      </button>
      <div hidden={view.tab !== 'sessions'}>
        <Sessions
          view={view}
          listing={listing}
          recordings={recordings}
          gate={gate}
          complete={listed}
          now={now}
          onChange={show}
          onCloseRecording={closeRecording}
          onPress={onClose}
          onEnter={() => {
            // Elements under the open list cannot have the focus.
            flushSync(onClose);
            document.querySelector<HTMLElement>('.page-ladder [tabindex="0"]')?.focus();
          }}
        />
      </div>
      <div hidden={view.tab !== 'figures'}>
        <Figures {...useFigures()} />
      </div>
      <div hidden={view.tab !== 'simulator'}>
        <Simulator
          inputs={view.inputs}
          onInputs={(inputs) => show({ inputs })}
          onInvalid={onInvalidInputs}
          onShow={showSimulated}
        />
      </div>
      {view.tab === 'coverage' && (
        <div>
          <CoveragePanel />
        </div>
      )}
      {view.tab === 'learned' && (
        <div>
          <LearnedPanel />
        </div>
      )}
    </aside>
  );
}

function onInvalidInputs(reason: string): void {
  show({ inputs: null, cursor: null });
  tell('problem', 'The link cannot be replayed.', [`Inputs of the simulator: ${reason}.`]);
}

function useFigures(): FiguresProps {
  const figure = usePage((state) => state.view.figure);
  const connection = usePage((state) => state.connection);
  const open = connection.phase === 'open' ? connection : null;
  return {
    selected: figure,
    onSelect: (chosen) => show({ figure: chosen }),
    gate: open && webSocketOf(open.endpoints, location),
    delays: open?.delays ?? null,
    onShow: showPlayed,
    onPath: showPath,
  };
}
