import type { LoadedConfig } from '../config/index.js';
import type { GateView } from '../server/index.js';

/** A gate whose sessions run in this process or in workers. */
export interface RunningGate {
  readonly view: GateView;
  /** Counts of the recording; null without `--record`. */
  readonly recorder: { counts(): { readonly steps: number; readonly dropped: number } } | null;
  reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
}
