import { type LoadedConfig, shownOptions } from '../config/index.js';
import { ControlProblem } from '../control/problem.js';
import type {
  ConfigEntry,
  LogLevel,
  ReloadOutcome,
  ServiceControl,
  ServiceStatus,
} from '../control/service-control.js';
import { IxgateError, toError } from '../runtime/errors.js';
import type { Ban, ListedPenalty } from '../server/limits/index.js';
import type { Log } from './log.js';
import type { RunningGate } from './running-gate.js';

/** What reloads the configuration of a gate. */
export interface Reloading {
  readonly overrides: Readonly<Record<string, unknown>>;
  reload(): Promise<ReloadOutcome>;
  set(changes: Readonly<Record<string, unknown>>): Promise<ReloadOutcome>;
}

export interface GateControlOptions {
  readonly running: RunningGate;
  readonly reloading: Reloading;
  readonly log: Log;
  readonly loaded: () => LoadedConfig;
  /** The address of the admin port; null without one. */
  readonly admin: () => string | null;
}

/** Live control of the gate of `ixgate serve`. */
export class GateControl implements ServiceControl {
  readonly #options: GateControlOptions;

  constructor(options: GateControlOptions) {
    this.#options = options;
  }

  status(): ServiceStatus {
    const { loaded, admin, reloading } = this.#options;
    const { config, file, effective } = loaded();
    // The values as they are shown: a secret is masked.
    const shown = effective.filter(({ key }) => Object.hasOwn(reloading.overrides, key));
    return {
      admin: admin(),
      control: config.control ?? null,
      configFile: file,
      logLevel: this.logLevel(),
      bans: this.#options.running.banTable.size,
      overrides: Object.fromEntries(shown.map(({ key, value }) => [key, value])),
    };
  }

  config(): readonly ConfigEntry[] {
    return shownOptions(this.#options.loaded().effective);
  }

  reload(): Promise<ReloadOutcome> {
    return this.#options.reloading.reload().catch(unusable);
  }

  set(changes: Readonly<Record<string, unknown>>): Promise<ReloadOutcome> {
    return this.#options.reloading.set(changes).catch(unusable);
  }

  logLevel(): LogLevel {
    const { log, loaded } = this.#options;
    return { level: log.level, configured: loaded().config.logLevel };
  }

  setLogLevel(level: string): void {
    this.#options.log.level = level;
  }

  ban(source: string, duration: number | null): Ban {
    return this.#options.running.ban(source, duration);
  }

  unban(source: string): boolean {
    return this.#options.running.unban(source);
  }

  bans(): Ban[] {
    return this.#options.running.banTable.list();
  }

  penalties(): Promise<ListedPenalty[]> {
    return this.#options.running.penalties();
  }

  clearPenalties(address: string | null): Promise<number> {
    return this.#options.running.clearPenalties(address);
  }
}

/** Files of TLS are refused by Node itself, with an error of its kind. */
function unusable(error: unknown): never {
  if (error instanceof IxgateError || error instanceof ControlProblem) throw error;
  throw new ControlProblem(422, `the configuration is unusable: ${toError(error).message}`);
}
