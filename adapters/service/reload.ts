import { isatty } from 'node:tty';
import {
  type ConfigInput,
  type Effective,
  type LoadedConfig,
  loadConfig,
  type OptionRow,
  type ServeKey,
  serveKeys,
  serveOptions,
  WatchedFiles,
} from '../config/index.js';
import type { CommandIo } from '../runtime/command-io.js';
import { IxgateError } from '../runtime/errors.js';
import type { Gate } from './gate.js';
import type { Log } from './log.js';

const hangup = 'SIGHUP';
const fileChanged = 'a file has changed';
const stdout = 1;

/**
 * Reads the configuration again, at SIGHUP and when one of its files has changed, and puts it in force. One that cannot be used
 * changes nothing: the log says what is wrong with it, once.
 */
export class Reload implements AsyncDisposable {
  readonly #io: CommandIo;
  readonly #input: ConfigInput;
  readonly #log: Log;
  readonly #watched: WatchedFiles;
  readonly #hadTerminal = isatty(stdout);
  #gate: Gate | null = null;
  /** SIGHUP came before there was a gate. */
  #isAsked = false;
  #work: Promise<void> = Promise.resolve();
  /** What was last told to wait for a restart. */
  #waiting = waitingOf([]);
  /** What was last wrong with it. */
  #problem: string | null = null;

  /** From now on SIGHUP does not end the process, save for the one that says that its terminal was closed. */
  constructor(io: CommandIo, input: ConfigInput, log: Log) {
    this.#io = io;
    this.#input = input;
    this.#log = log;
    this.#watched = new WatchedFiles({
      changed: () => this.#ask(fileChanged),
      failed: (problem) => log.once('watch', `the configuration ${problem}`, { event: 'problem' }),
    });
    io.signals.on(hangup, this.#hungUp);
  }

  /** Resolves when a change of a file is noticed from now on, and what has changed since it was read is in force. */
  async follow(gate: Gate): Promise<void> {
    await this.#watched.watch(gate.loaded.files);
    this.#gate = gate;
    this.#ask(this.#isAsked ? hangup : fileChanged);
    await this.#work;
  }

  /** Nothing is read any more. SIGHUP still does not end the process, until it exits. */
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
    } else if (this.#gate) this.#ask(hangup);
    else this.#isAsked = true;
  };

  #ask(why: string): void {
    this.#work = this.#work.then(() => this.#reload(why));
  }

  async #reload(why: string): Promise<void> {
    const gate = this.#gate;
    if (!gate) return;
    let files: readonly string[] | null = null;
    const onFiles = (known: readonly string[]) => {
      files = known;
    };
    try {
      const loaded = await loadConfig({ ...this.#inputFor(gate), onFiles });
      const changes = changesBetween(gate.loaded, loaded);
      if (this.#areNews(changes) || why === hangup) {
        await gate.reconfigure(kept(loaded, gate.loaded), why === hangup);
        this.#tell(why, changes);
      }
      this.#problem = null;
    } catch (error) {
      // A stop ends what is being read.
      if (this.#gate) this.#refuse(why, error);
    }
    // Of what cannot be used too: the file that was missing may come.
    if (files !== null && this.#gate && (await this.#watched.watch(files))) this.#ask(fileChanged);
  }

  /** What waits for a restart is news once. */
  #areNews(changes: readonly Change[]): boolean {
    return changes.some(({ restart }) => !restart) || waitingOf(changes) !== this.#waiting;
  }

  /** A file that was found at the start must stay: without it the defaults would hold, and with them anybody may register. */
  #inputFor({ loaded: { file } }: Gate): ConfigInput {
    return file === null ? this.#input : { ...this.#input, configFile: file };
  }

  #tell(why: string, changes: readonly Change[]): void {
    this.#waiting = waitingOf(changes);
    const said = changes.map(inWords).join(', ') || 'nothing has changed';
    // The level may be among what has changed.
    this.#log.always('info', `configuration read again, ${why}: ${said}`, {
      event: 'reloaded',
      why,
      changed: Object.fromEntries(
        changes.filter(({ restart }) => !restart).map(({ key, from, to }) => [key, { from, to }]),
      ),
      needRestart: changes.filter(({ restart }) => restart).map(({ key }) => key),
    });
  }

  /** An editor may write the same wrong thing several times: it is said once. Who asks with a signal is answered. */
  #refuse(why: string, error: unknown): void {
    const problem = error instanceof IxgateError ? error.message : String(error);
    if (problem === this.#problem && why !== hangup) return;
    this.#problem = problem;
    this.#log.error(`the configuration stays as it was: ${problem}`, {
      event: 'not-reloaded',
      why,
      code: error instanceof IxgateError ? error.code : null,
    });
  }
}

/** One option that is another than before, as `--print-config` shows it. */
interface Change {
  readonly key: ServeKey;
  readonly from: unknown;
  readonly to: unknown;
  /** It takes effect when the gate is restarted. */
  readonly restart: boolean;
  /** The name of the file is as before, what is in it is not. */
  readonly content: boolean;
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
  if (content) return `${key} is another one`;
  return `${key} is ${inText(to)}, was ${inText(from)}`;
}

function inText(value: unknown): string {
  if (value === null) return 'not set';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The new configuration with what needs a restart as it is now. */
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
