/** Interfaces between the parts of the page. Each part is a folder. Parts share these interfaces instead of importing each other's files. */
import type {
  Configuration,
  DisconnectReason,
  FigureId,
  SeatDelays,
  SessionGap,
  SessionSummary,
  StepRecord,
} from '../../../machines/index.js';

/** The source of a session's records. */
export type Origin = 'live' | 'recording' | 'simulator' | 'figure';

/** One session on the page. */
export interface SessionView {
  readonly origin: Origin;
  readonly summary: SessionSummary;
  /** In order of seq; missing steps are listed in `gaps`. */
  readonly steps: readonly StepRecord[];
  readonly gaps: readonly (SessionGap & { readonly cause: string })[];
  /**
   * The current time in milliseconds since Connected, for origins with their own clock (simulator, played figure). The time left of a
   * deadline is computed from it. Missing for other origins.
   */
  readonly now?: number;
  /**
   * The time of the last information about a live session, in milliseconds since 1970, when the connection to the gate is lost or the gate
   * no longer has the session. Missing while the session is followed.
   */
  readonly lastHeard?: number;
}

/**
 * The cursor: the seq of the shown step, or null for the newest (live). Chart and ladder show the same step.
 */
export type Cursor = number | null;

/** The highlighted elements. A click on an edge of the chart highlights its steps; a click on an arrow highlights its edges. */
export interface Selection {
  /** Ids of edges (see machines/registration/chart/edges.ts; for a learned machine, see learned/picked.ts). */
  readonly edges: ReadonlySet<string>;
  /** seqs of steps. */
  readonly steps: ReadonlySet<number>;
}

export interface ChartProps {
  /** The configuration at the cursor; null without a session. */
  readonly configuration: Configuration | null;
  /** The edges of the step at the cursor, and its seq, so that the same edge animates again when it is taken again. */
  readonly taken: { readonly edges: readonly string[]; readonly seq: number } | null;
  /** How often each edge was taken, by id, as far as known. */
  readonly counts: ReadonlyMap<string, number>;
  /** Whether `counts` covers all steps, so that a missing edge was never taken. False if steps are missing and their transitions are unknown. */
  readonly countsAreComplete: boolean;
  readonly selection: Selection;
  onSelectEdge(edge: string): void;
  /** The running deadline at the cursor. `left` (milliseconds) counts down when `running` (live at the newest step). */
  readonly deadline: {
    readonly kind: 'registration' | 'rejection';
    readonly left: number;
    readonly total: number;
    readonly running: boolean;
  } | null;
  /** The path of a documented figure on the chart (ids of edges), or null. */
  readonly path: readonly string[] | null;
}

export interface LadderProps {
  readonly view: SessionView;
  readonly cursor: Cursor;
  onCursor(cursor: Cursor): void;
  readonly selection: Selection;
  onSelectStep(seq: number): void;
  /** Text to find in the contents; empty for none. */
  readonly find: string;
  /** The documented figure to draw beside it, with the differences marked; null for none. */
  readonly figure: FigureId | null;
}

/** The four documented figures as drawings that can be played. */
export interface FiguresProps {
  /** The selected figure (`ViewState.figure`), or null. */
  readonly selected: FigureId | null;
  onSelect(figure: FigureId): void;
  /** The gate's WebSocket endpoint, e.g. `ws://127.0.0.1:7005`; null when unknown. It can be edited on the page. */
  readonly gate: string | null;
  /** The gate's deadlines from the hello message of the feed; null when unknown. */
  readonly delays: SeatDelays | null;
  /** Called at every step of a played figure with its session so far (origin `figure`). */
  onShow(view: SessionView): void;
  /** Sets the path on the chart (ids of edges), or null for none. */
  onPath(edges: readonly string[] | null): void;
}

/** The simulator. It has its own history: keep it mounted (hidden) while another tab is shown. */
export interface SimulatorProps {
  /** Inputs from a link to play (see simulator/link.ts); null leaves the simulation unchanged. */
  readonly inputs: string | null;
  /** Called with the inputs so far; null when there are none, or when they are too large for a link. */
  onInputs(inputs: string | null): void;
  /** Called when `inputs` cannot be played. The reason is a text that follows "Inputs of the simulator:". */
  onInvalid(reason: string): void;
  /** Called with the session so far (origin `simulator`), once when mounted and after every input, undo and redo. */
  onShow(view: SessionView): void;
}

/** XState 4 services of other processes, through @xstate/inspect. */
export interface ForeignProps {
  /** Address of an inspector; empty to ask the user for it. */
  readonly url: string;
  /** Whether a gate serves the page: its sessions can be watched here too. */
  readonly gate: boolean;
  /** Called with another address, or with null to leave. */
  onUrl(url: string | null): void;
}

/** Everything that a link contains; the complete view is in the address (after the #). */
export interface ViewState {
  readonly tab: 'sessions' | 'figures' | 'simulator' | 'coverage' | 'learned';
  readonly session: string | null;
  /** Name of the recording whose sessions are listed; null for the sessions of the gate. */
  readonly recording: string | null;
  /** Name of the coverage on the chart; null for none. */
  readonly coverage: string | null;
  /** Name of the file of the learned machine on the chart; null for none. */
  readonly learned: string | null;
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
  /** Address of an XState 4 inspector that is shown instead of the sessions; null for none. */
  readonly foreign: string | null;
}

export type { Configuration, DisconnectReason, FigureId, SeatDelays, SessionSummary, StepRecord };
