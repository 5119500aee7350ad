import type { LoadedConfig } from '../config/index.js';
import type { DirectoryMember } from '../directory/member.js';
import type { GateView } from '../server/index.js';
import type { Ban, Bans, ListedPenalty } from '../server/limits/index.js';

/** A gate whose sessions run in this process or in workers. */
export interface RunningGate {
  readonly view: GateView;
  /** Its membership of a cluster; null without a directory. */
  readonly member: DirectoryMember | null;
  /** Counts of the recording; null without `--record`. */
  readonly recorder: { counts(): { readonly steps: number; readonly dropped: number } } | null;
  /** Bans, which hold in all workers. @throws as `Bans` does */
  ban(source: string, duration: number | null): Ban;
  unban(source: string): boolean;
  /** For reading. */
  readonly banTable: Pick<Bans, 'list' | 'size'>;
  /** The penalties that any worker knows, the longest first. */
  penalties(): Promise<ListedPenalty[]>;
  /** @param address null for all @returns the number of penalties that were forgotten */
  clearPenalties(address: string | null): Promise<number>;
  reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
}
