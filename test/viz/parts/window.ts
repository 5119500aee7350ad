/** What the page of parts offers to a test. */
import type { FiguresProps, LadderProps, SessionView } from '../../../viz/src/state/contracts.js';

declare global {
  interface Window {
    /** What the part on show has said, in order. */
    said: unknown[][];
    showLadder(view: SessionView, more?: Partial<Pick<LadderProps, 'find' | 'figure'>>): void;
    showFigures(props: Pick<FiguresProps, 'gate' | 'delays'>): void;
    showSimulator(): void;
  }
}
