/** Parts of the page, each alone, driven by a test: what it hands in is shown, what the part says is kept. */
import { type ReactNode, StrictMode, useState } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import '../../../viz/src/styles/theme.css';
import { Figures } from '../../../viz/src/figures/index.js';
import { Ladder } from '../../../viz/src/ladder/index.js';
import { Simulator } from '../../../viz/src/simulator/index.js';
import type {
  Cursor,
  FigureId,
  FiguresProps,
  LadderProps,
  Selection,
  SessionView,
} from '../../../viz/src/state/contracts.js';
import type {} from './window.js';

window.said = [];
const say = (...what: unknown[]) => window.said.push(what);
const root = createRoot(document.querySelector('main') as HTMLElement);
const show = (part: ReactNode) => flushSync(() => root.render(<StrictMode>{part}</StrictMode>));

function LadderAlone(props: Pick<LadderProps, 'view' | 'find' | 'figure'>): ReactNode {
  const [cursor, setCursor] = useState<Cursor>(null);
  const [selection, setSelection] = useState<Selection>({ edges: new Set(), steps: new Set() });
  return (
    <Ladder
      {...props}
      cursor={cursor}
      onCursor={(next) => {
        say('cursor', next);
        setCursor(next);
      }}
      selection={selection}
      onSelectStep={(seq) => {
        say('step', seq);
        setSelection({ edges: new Set(), steps: new Set([seq]) });
      }}
    />
  );
}

window.showLadder = (view, { find = '', figure = null } = {}) => {
  show(<LadderAlone key={view.summary.session} view={view} find={find} figure={figure} />);
};

const onShow = (view: SessionView) => say('view', view);
const onPath = (edges: readonly string[] | null) => say('path', edges);

function FiguresAlone(props: Pick<FiguresProps, 'gate' | 'delays'>): ReactNode {
  const [selected, setSelected] = useState<FigureId | null>(null);
  return (
    <Figures
      {...props}
      selected={selected}
      onSelect={setSelected}
      onShow={onShow}
      onPath={onPath}
    />
  );
}

window.showFigures = (props) => show(<FiguresAlone {...props} />);
window.showSimulator = () => {
  const onInputs = (inputs: string | null) => say('inputs', inputs);
  const onInvalid = (reason: string) => say('invalid', reason);
  show(<Simulator inputs={null} onInputs={onInputs} onInvalid={onInvalid} onShow={onShow} />);
};
