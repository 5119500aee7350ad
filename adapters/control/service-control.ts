import type { Ban, ListedPenalty } from '../server/limits/index.js';

/** What `/status` has of the service around the gate. */
export interface ServiceStatus {
  /** The address of the admin port, e.g. `http://127.0.0.1:7080`; null without one. */
  readonly admin: string | null;
  /** The unix socket of live control, e.g. `unix:///run/ixgate.ctl`; null without one. */
  readonly control: string | null;
  /** The path of the configuration file; null without one. */
  readonly configFile: string | null;
  readonly logLevel: LogLevel;
  /** Number of bans. */
  readonly bans: number;
  /** Options that live control has set, by key, as written. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** The log level in force, and that of the configuration. */
export interface LogLevel {
  readonly level: string;
  readonly configured: string;
}

/** An option with the source of its value, as `--print-config` shows it. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  readonly from: string;
}

/** What a reload has changed. */
export interface ReloadOutcome {
  /** By key: the values before and after, as written; secrets are masked. */
  readonly changed: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
  /** Keys of changed options that take effect only after a restart. */
  readonly needsRestart: readonly string[];
}

/** What live control can do with the service around a gate. A gate inside another service has only the part of the gate itself. */
export interface ServiceControl {
  status(): ServiceStatus;
  config(): readonly ConfigEntry[];
  /**
   * Reads the configuration and the list of clients again.
   * @throws {IxgateError} for an unusable configuration; then nothing changes
   */
  reload(): Promise<ReloadOutcome>;
  /**
   * Sets options until the gate stops; null takes the setting back.
   * @param changes by key, as in the configuration file, or as the text of a flag
   * @throws {IxgateError} for an unknown option, an invalid value, and an option that needs a restart; then nothing changes
   */
  set(changes: Readonly<Record<string, unknown>>): Promise<ReloadOutcome>;
  logLevel(): LogLevel;
  /** Sets the log level until the next change of the configured one. */
  setLogLevel(level: string): void;
  /** @throws {Error} for a text that is neither an address nor a block; {BansFullError} */
  ban(source: string, duration: number | null): Ban;
  /** @returns whether it was banned @throws {Error} for a text that is neither an address nor a block */
  unban(source: string): boolean;
  bans(): Ban[];
  /** The penalties that any worker knows, the longest first. */
  penalties(): Promise<ListedPenalty[]>;
  /** @param address null for all @returns the number of penalties that were forgotten */
  clearPenalties(address: string | null): Promise<number>;
}
