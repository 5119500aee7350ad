/** What the parts of the page agree on. Each part is a folder; none imports another, but for this file and the app. */
import type {
  Configuration,
  DisconnectReason,
  FigureId,
  SessionSummary,
  StepRecord,
} from '../../machines/index.js';

/** Where a session's records come from. */
export type Origin = 'live' | 'recording' | 'simulator' | 'figure';

/** One session as the page holds it. */
export interface SessionView {
  readonly origin: Origin;
  readonly summary: SessionSummary;
  /** In order of seq; may have holes, which `gaps` names. */
  readonly steps: readonly StepRecord[];
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly cause: string }[];
}

/**
 * The one cursor: the seq of the step that is looked at, or null for the newest (live). Chart and ladder show the same step.
 */
export type Cursor = number | null;

/** What is lit by a click on an edge of the chart: the steps that took it; on an arrow: its edges. */
export interface Selection {
  /** Ids of edges (see machines/edges.ts). */
  readonly edges: ReadonlySet<string>;
  /** seqs of steps. */
  readonly steps: ReadonlySet<number>;
}

export interface ChartProps {
  /** Where the session is at the cursor; null when none is shown. */
  readonly configuration: Configuration | null;
  /** Edges taken by the step at the cursor, and its seq so that the same edge taken again animates again. */
  readonly taken: { readonly edges: readonly string[]; readonly seq: number } | null;
  /** How often each edge was taken, by id; an edge that is missing was never taken. */
  readonly counts: ReadonlyMap<string, number>;
  readonly selection: Selection;
  onSelectEdge(edge: string): void;
  /** The running deadline at the cursor. `left` in milliseconds counts down by itself when `running` (live at the newest step). */
  readonly deadline: {
    readonly kind: 'registration' | 'rejection';
    readonly left: number;
    readonly total: number;
    readonly running: boolean;
  } | null;
  /** Edges of a documented figure's path, drawn on the chart; null when none is shown. */
  readonly path: readonly string[] | null;
}

export interface LadderProps {
  readonly view: SessionView;
  readonly cursor: Cursor;
  onCursor(cursor: Cursor): void;
  readonly selection: Selection;
  onSelectStep(seq: number): void;
  /** Text to find inside contents; empty for none. */
  readonly find: string;
  /** The documented figure drawn beside it with the differences marked; null for none. */
  readonly figure: FigureId | null;
}

/** Everything that can be linked to; the whole view is in the address (after the #). */
export interface ViewState {
  readonly tab: 'sessions' | 'figures' | 'simulator';
  readonly session: string | null;
  readonly cursor: Cursor;
  readonly figure: FigureId | null;
  readonly filter: string;
  readonly verdict: string;
  readonly state: string;
  readonly type: string;
  readonly sort: string;
  readonly find: string;
  readonly follow: boolean;
  readonly theme: 'auto' | 'light' | 'dark';
}

export type { Configuration, DisconnectReason, FigureId, SessionSummary, StepRecord };
