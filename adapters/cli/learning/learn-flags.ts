import type { MachineFormat } from '../../../machines/engine/learning/formats.js';

/** The options of `ixgate learn`, as commander parses them. */
export interface LearnFlags {
  readonly from?: readonly string[];
  readonly registrationTimeout?: number;
  readonly rejectionTimeout?: number;
  readonly tolerance?: number;
  readonly format?: MachineFormat;
  readonly out?: string;
}
