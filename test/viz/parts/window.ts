/** The interface of the page of parts for tests. */
import type { FiguresProps, LadderProps, SessionView } from '../../../viz/src/state/contracts.js';

declare global {
  interface Window {
    /** The events of the shown part, in order. */
    said: unknown[][];
    showLadder(view: SessionView, more?: Partial<Pick<LadderProps, 'find' | 'figure'>>): void;
    showFigures(props: Pick<FiguresProps, 'gate' | 'delays'>): void;
    showSimulator(): void;
  }
}
