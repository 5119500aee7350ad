/** What the parts of the page agree on. Each part is a folder; none imports another, but for this file and the app. */
import type {
  Configuration,
  DisconnectReason,
  FigureId,
  SeatDelays,
  SessionGap,
  SessionSummary,
  StepRecord,
} from '../../../machines/index.js';

/** Where a session's records come from. */
export type Origin = 'live' | 'recording' | 'simulator' | 'figure';

/** One session as the page holds it. */
export interface SessionView {
  readonly origin: Origin;
  readonly summary: SessionSummary;
  /** In order of seq; may have holes, which `gaps` names. */
  readonly steps: readonly StepRecord[];
  readonly gaps: readonly (SessionGap & { readonly cause: string })[];
  /**
   * Milliseconds since Connected at which the view stands still, where the origin has a clock of its own (simulator, figure
   * being played): what is left of a deadline is counted from here. Missing for the others.
   */
  readonly now?: number;
  /**
   * When the gate was last heard of a live session, in milliseconds since 1970, where nothing more is heard of it: the connection is lost,
   * or the gate does not know the session any more. Missing while it is followed.
   */
  readonly lastHeard?: number;
}

/**
 * The one cursor: the seq of the step that is looked at, or null for the newest (live). Chart and ladder show the same step.
 */
export type Cursor = number | null;

/** What is lit by a click on an edge of the chart: the steps that took it; on an arrow: its edges. */
export interface Selection {
  /** Ids of edges (see machines/registration/chart/edges.ts). */
  readonly edges: ReadonlySet<string>;
  /** seqs of steps. */
  readonly steps: ReadonlySet<number>;
}

export interface ChartProps {
  /** Where the session is at the cursor; null when none is shown. */
  readonly configuration: Configuration | null;
  /** Edges taken by the step at the cursor, and its seq so that the same edge taken again animates again. */
  readonly taken: { readonly edges: readonly string[]; readonly seq: number } | null;
  /** How often each edge was taken, by id, as far as it is known. */
  readonly counts: ReadonlyMap<string, number>;
  /** Whether `counts` has every step: an edge that is missing was never taken. False where steps are missing of which nothing is known. */
  readonly countsAreComplete: boolean;
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

/** The four documented figures as drawings that play. */
export interface FiguresProps {
  /** The figure that is looked at (`ViewState.figure`), or null for none. */
  readonly selected: FigureId | null;
  onSelect(figure: FigureId): void;
  /** The gate's WebSocket endpoint, e.g. `ws://127.0.0.1:7005`; null when no gate is known. It can be edited on the page. */
  readonly gate: string | null;
  /** The gate's deadlines as the feed's hello says them; null when they are not known. */
  readonly delays: SeatDelays | null;
  /** A figure is being played or was: its session so far, origin `figure`. Called again with every step. */
  onShow(view: SessionView): void;
  /** The path to draw on the chart (ids of edges), or null for none. */
  onPath(edges: readonly string[] | null): void;
}

/** The chart by hand. It holds its own history: keep it mounted (hidden) while another tab is shown. */
export interface SimulatorProps {
  /** Inputs to play (see simulator/link.ts), from a link; null leaves the simulation as it is. */
  readonly inputs: string | null;
  /** The inputs so far; null when there are none, or when they are too large for a link. */
  onInputs(inputs: string | null): void;
  /** `inputs` cannot be played; the reason is to follow what they are. */
  onInvalid(reason: string): void;
  /** The session so far, origin `simulator`; called once when mounted and after every input, undo and redo. */
  onShow(view: SessionView): void;
}

/** Services of XState 4 elsewhere, through @xstate/inspect. */
export interface ForeignProps {
  /** Address of an inspector; empty: it is asked for. */
  readonly url: string;
  /** Whether a gate serves the page: it can be watched that way too. */
  readonly gate: boolean;
  /** Another address is to be looked at, or none any more. */
  onUrl(url: string | null): void;
}

/** Everything that can be linked to; the whole view is in the address (after the #). */
export interface ViewState {
  readonly tab: 'sessions' | 'figures' | 'simulator' | 'coverage';
  readonly session: string | null;
  /** Name of the open recording that is listed; null for the gate's own sessions. */
  readonly recording: string | null;
  /** Name of the open coverage that is drawn on the chart; null for none. */
  readonly coverage: string | null;
  /** Inputs of the simulator (see simulator/link.ts); null for none. In the address only while the tab is the simulator. */
  readonly inputs: string | null;
  /** The seat whose coverage is drawn; empty for all seats together. */
  readonly seat: string;
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
  /** Address of an XState 4 inspector that is looked at instead of all this; null for none. */
  readonly foreign: string | null;
}

export type { Configuration, DisconnectReason, FigureId, SeatDelays, SessionSummary, StepRecord };
