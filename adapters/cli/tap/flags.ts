import type { TlsFlags } from '../client-options.js';

/** The options of `ixgate tap`, as commander parses them. */
export interface TapFlags extends TlsFlags {
  readonly listen: string;
  readonly to: string;
  readonly listenCert?: string;
  readonly listenKey?: string;
  readonly record?: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly connectTimeout: number;
  readonly registrationTimeout?: number;
  readonly rejectionTimeout?: number;
  readonly redactNames?: readonly string[];
}
