import type { MachineFormat } from '../../../machines/engine/learning/formats.js';
import type { Oracle } from '../../../machines/engine/learning/oracles.js';
import type { FigureClient } from '../../../machines/registration/figures/play.js';
import type { TlsFlags } from '../client-options.js';
import type { ProtocolFlags } from '../protocols/protocol-options.js';

/** The options of `ixgate learn`, as commander parses them. Durations are in milliseconds. */
export interface LearnFlags extends ProtocolFlags, TlsFlags {
  readonly from?: readonly string[];
  readonly mapper?: string;
  readonly valid?: FigureClient;
  readonly invalid?: FigureClient;
  readonly registrationTimeout?: number;
  readonly rejectionTimeout?: number;
  readonly measureFor: number;
  readonly longestFrame: number;
  readonly oracle: Oracle;
  readonly extraStates: number;
  readonly seed: number;
  readonly connections: number;
  readonly budget?: string;
  readonly maxStates: number;
  readonly horizon?: number;
  readonly tolerance?: number;
  readonly tree?: string;
  readonly known?: string;
  readonly format?: MachineFormat;
  readonly out?: string;
  readonly keep?: string;
  readonly record?: string;
}
