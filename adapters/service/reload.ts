import { isatty } from 'node:tty';
import {
  type ConfigInput,
  type Effective,
  flagOf,
  type LoadedConfig,
  loadConfig,
  type OptionRow,
  type ServeKey,
  serveKeys,
  serveOptions,
  WatchedFiles,
} from '../config/index.js';
import { ControlProblem } from '../control/problem.js';
import type { ReloadOutcome } from '../control/service-control.js';
import type { CommandIo } from '../runtime/command-io.js';
import { IxgateError } from '../runtime/errors.js';
import { checkOptionNames } from '../runtime/option-names.js';
import type { Gate } from './gate.js';
import type { Log } from './log.js';
import type { Operator } from './log-fields.js';
import type { GateSignal } from './signals.js';

const hangup = 'SIGHUP' satisfies GateSignal;
const fileChanged = 'a file changed';
const byControl = 'ixgate ctl';
const stdout = 1;

/**
 * Reloads the configuration at SIGHUP and when one of its files changes, and applies it. An unusable configuration changes nothing;
 * the log has its problem once.
 */
export class Reload implements AsyncDisposable {
  readonly #io: CommandIo;
  readonly #input: ConfigInput;
  readonly #log: Log;
  readonly #watched: WatchedFiles;
  readonly #hadTerminal = isatty(stdout);
  #gate: Gate | null = null;
  #overrides: Readonly<Record<string, unknown>> = {};
  /** Whether SIGHUP came before the gate was open. */
  #isAsked = false;
  #work: Promise<void> = Promise.resolve();
  /** The last logged changes that need a restart, as JSON. */
  #waiting = waitingOf([]);
  /** The last logged problem. */
  #problem: string | null = null;

  /** From now on SIGHUP does not end the process, unless its terminal was closed. */
  constructor(io: CommandIo, input: ConfigInput, log: Log) {
    this.#io = io;
    this.#input = input;
    this.#log = log;
    this.#watched = new WatchedFiles({
      changed: () => this.#request(fileChanged),
      failed: (problem) =>
        log.once('watch', `the configuration ${problem}`, { event: 'problem', code: null }),
    });
    io.signals.on(hangup, this.#hungUp);
  }

  /** Watches the files, applies changes that were made since they were read, and resolves. */
  async follow(gate: Gate): Promise<void> {
    await this.#watched.watch(gate.loaded.files);
    this.#gate = gate;
    this.#request(this.#isAsked ? hangup : fileChanged);
    await this.#work;
  }

  /** Stops reloading. SIGHUP still does not end the process. */
  async stop(): Promise<void> {
    this.#gate = null;
    await this.#watched.close();
    await this.#work;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  readonly #hungUp = (): void => {
    if (this.#hadTerminal && !isatty(stdout)) {
      this.#io.signals.off(hangup, this.#hungUp);
      process.kill(process.pid, hangup);
    } else if (this.#gate) this.#request(hangup);
    else this.#isAsked = true;
  };

  /** Options that live control has set, by key. */
  get overrides(): Readonly<Record<string, unknown>> {
    return this.#overrides;
  }

  /** Reloads for live control, as SIGHUP does. @throws {IxgateError} {ControlProblem}; then nothing has changed */
  reload(): Promise<ReloadOutcome> {
    return this.#queue(() =>
      this.#apply({ reason: byControl, isForced: true, rereadList: true }, this.#overrides),
    );
  }

  /** Sets options for live control; see ServiceControl. @throws {IxgateError} {ControlProblem}; then nothing has changed */
  set(changes: Readonly<Record<string, unknown>>): Promise<ReloadOutcome> {
    return this.#queue(async () => {
      const overrides = changedOverrides(this.#overrides, changes);
      const how = { reason: byControl, isForced: true, rereadList: false };
      const outcome = await this.#apply(how, overrides);
      this.#overrides = overrides;
      return outcome;
    });
  }

  #request(reason: string): void {
    const isHangup = reason === hangup;
    void this.#queue(async () => {
      if (!this.#gate) return;
      const how = { reason, isForced: isHangup, rereadList: isHangup };
      try {
        await this.#apply(how, this.#overrides);
      } catch (error) {
        // A stop aborts the reload.
        if (this.#gate) this.#logFailed(reason, error);
      }
    });
  }

  /** One reload after the other. */
  #queue<Outcome>(step: () => Promise<Outcome>): Promise<Outcome> {
    const done = this.#work.then(step);
    this.#work = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  async #apply(
    { reason, isForced, rereadList }: Attempt,
    overrides: Readonly<Record<string, unknown>>,
  ): Promise<ReloadOutcome> {
    const gate = this.#gate;
    if (!gate) throw new ControlProblem(503, 'the gate is starting or stopping');
    let files: readonly string[] | null = null;
    const onFiles = (known: readonly string[]) => {
      files = known;
    };
    try {
      const loaded = await loadConfig({ ...this.#inputFor(gate), overrides, onFiles });
      const changes = changesBetween(gate.loaded, loaded);
      if (isForced || this.#areNews(changes)) {
        await gate.reconfigure(kept(loaded, gate.loaded), rereadList);
        this.#logReloaded(reason, changes);
      }
      this.#problem = null;
      return outcomeOf(changes);
    } finally {
      // Also after a failure: a missing file may appear later.
      if (files !== null && this.#gate && (await this.#watched.watch(files)))
        this.#request(fileChanged);
    }
  }

  /** Changes that need a restart are logged once. */
  #areNews(changes: readonly Change[]): boolean {
    return changes.some(({ restart }) => !restart) || waitingOf(changes) !== this.#waiting;
  }

  /** A file that was found at the start must stay: without it the defaults would apply, and all clients may register. */
  #inputFor({ loaded: { file } }: Gate): ConfigInput {
    return file === null ? this.#input : { ...this.#input, configFile: file };
  }

  #logReloaded(reason: string, changes: readonly Change[]): void {
    this.#waiting = waitingOf(changes);
    const summary = changes.map(inWords).join(', ') || 'no changes';
    this.#log.info(`configuration reloaded (${reason}): ${summary}`, {
      event: 'reloaded',
      reason,
      ...outcomeOf(changes),
      by: operatorOf(reason),
    });
  }

  /** An editor may write the same invalid file several times: its problem is logged once, but after each SIGHUP. */
  #logFailed(reason: string, error: unknown): void {
    const problem = error instanceof IxgateError ? error.message : String(error);
    if (problem === this.#problem && reason !== hangup) return;
    this.#problem = problem;
    this.#log.error(`configuration not reloaded, the old one stays: ${problem}`, {
      event: 'reload-failed',
      reason,
      code: error instanceof IxgateError ? error.code : null,
      by: operatorOf(reason),
    });
  }
}

function operatorOf(reason: string): Operator {
  if (reason === hangup) return { via: 'signal', signal: hangup };
  // Its line `control` states the door and the user.
  return { via: reason === byControl ? 'control' : 'file' };
}

/** A changed option, with its values as `--print-config` shows them. */
interface Change {
  readonly key: ServeKey;
  readonly from: unknown;
  readonly to: unknown;
  /** Whether it takes effect only after a restart. */
  readonly restart: boolean;
  /** Whether the path is the same and the content of the file has changed. */
  readonly content: boolean;
}

/** How a reload is done. */
interface Attempt {
  /** For the log. */
  readonly reason: string;
  /** Whether it is applied and logged even if nothing has changed. */
  readonly isForced: boolean;
  readonly rereadList: boolean;
}

function outcomeOf(changes: readonly Change[]): ReloadOutcome {
  const applied = changes.filter(({ restart }) => !restart);
  return {
    changed: Object.fromEntries(applied.map(({ key, from, to }) => [key, { from, to }])),
    needsRestart: changes.filter(({ restart }) => restart).map(({ key }) => key),
  };
}

/** @throws {UnknownOptionError} {ControlProblem} for an option that needs a restart */
function changedOverrides(
  before: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  checkOptionNames(changes, serveKeys);
  const after: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(changes)) {
    const { restart }: OptionRow = serveOptions[key as ServeKey];
    if (restart) {
      throw new ControlProblem(
        400,
        `${key} needs a restart: change the configuration file or ${flagOf(key as ServeKey)}, and restart the gate`,
      );
    }
    if (value === null) delete after[key];
    else after[key] = value;
  }
  return after;
}

const tlsFiles = { tlsCert: 'cert', tlsKey: 'key', tlsCa: 'ca' } as const;

function changesBetween(before: LoadedConfig, after: LoadedConfig): Change[] {
  return serveKeys.flatMap((key) => {
    const named = JSON.stringify(before.config[key]) !== JSON.stringify(after.config[key]);
    const part = Object.hasOwn(tlsFiles, key) ? tlsFiles[key as keyof typeof tlsFiles] : null;
    const content = part !== null && before.tls?.[part] !== after.tls?.[part];
    if (!named && !content) return [];
    const { restart }: OptionRow = serveOptions[key];
    const [from, to] = [shown(before.effective, key), shown(after.effective, key)];
    return [{ key, from, to, restart: restart === true, content: !named }];
  });
}

function waitingOf(changes: readonly Change[]): string {
  return JSON.stringify(changes.filter(({ restart }) => restart));
}

function shown(effective: readonly Effective[], key: ServeKey): unknown {
  return effective.find((one) => one.key === key)?.value ?? null;
}

function inWords({ key, from, to, restart, content }: Change): string {
  if (restart) return `${key} needs a restart`;
  if (content) return `${key} has new content`;
  return `${key} is ${inText(to)}, was ${inText(from)}`;
}

function inText(value: unknown): string {
  if (value === null) return 'not set';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The new configuration with the current values of options that need a restart. */
function kept(after: LoadedConfig, now: LoadedConfig): LoadedConfig {
  const keys = serveKeys.filter((key) => (serveOptions[key] as OptionRow).restart);
  const config = {
    ...after.config,
    ...Object.fromEntries(keys.map((key) => [key, now.config[key]])),
  };
  const effective = after.effective.map(
    (one) => (keys.includes(one.key) && now.effective.find(({ key }) => key === one.key)) || one,
  );
  return { ...after, config, effective };
}
