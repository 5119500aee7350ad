import { type Admin, createAdmin } from '../admin/index.js';
import type { LoadedConfig, ServeConfig } from '../config/index.js';
import { SessionFeed } from '../feed/index.js';
import { version } from '../runtime/version.js';
import type { GateView } from '../server/index.js';
import type { WebServer } from '../web/index.js';
import { openStately, xstateHandler } from '../xstate-inspector/index.js';
import { CertificateWatch } from './certificate-watch.js';
import { logInspection } from './inspection-log.js';
import { LocalGate } from './local-gate.js';
import type { Log } from './log.js';
import { opened } from './opened.js';
import { logSessions } from './session-log.js';

/** Deadlines as viewers are told them; they follow the configuration. */
type ShownDelays = { registrationTimeout: number; rejectionTimeout: number };

/** Where the sessions of a gate run: in this process, or in workers. */
export interface RunningGate {
  readonly view: GateView;
  /** What is recorded; null where nothing is. */
  readonly recorder: { counts(): { readonly steps: number; readonly dropped: number } } | null;
  reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** All that `ixgate serve` runs: the gate, alone or in workers, its admin port and what is served there. */
export class Gate implements AsyncDisposable {
  readonly #log: Log;
  readonly #delays: ShownDelays;
  readonly #certificate: CertificateWatch;
  #loaded: LoadedConfig;
  #running: RunningGate | null = null;
  #feed: SessionFeed | null = null;
  #admin: Admin | null = null;
  #stately: WebServer | null = null;
  #isStopping = false;

  /**
   * Opens it all.
   * @throws {IxgateError} when a part cannot be opened; those that were open are closed again.
   */
  static open(loaded: LoadedConfig, log: Log): Promise<Gate> {
    const gate = new Gate(loaded, log);
    return opened(gate, () => gate.#open());
  }

  private constructor(loaded: LoadedConfig, log: Log) {
    this.#loaded = loaded;
    this.#log = log;
    this.#delays = delaysOf(loaded.config);
    this.#certificate = new CertificateWatch(log);
  }

  get server(): GateView {
    return this.#opened.view;
  }

  get admin(): Admin | null {
    return this.#admin;
  }

  get stately(): WebServer | null {
    return this.#stately;
  }

  /** The configuration in force. */
  get loaded(): LoadedConfig {
    return this.#loaded;
  }

  /**
   * Puts another configuration in force, save what needs a restart. No client is disconnected.
   * @param rereadList also reads the list of clients again where its name is the same.
   * @throws {IxgateError} when it cannot be used; then nothing has changed.
   */
  async reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void> {
    await this.#opened.reconfigure(loaded, rereadList);
    this.#loaded = loaded;
    this.#log.level = loaded.config.logLevel;
    Object.assign(this.#delays, delaysOf(loaded.config));
    this.#certificate.loaded(loaded.tls);
  }

  /** From now on /readyz answers 503, and the page says that the gate shuts down. Clients are still accepted. */
  announceStop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#feed?.announceStop();
  }

  /** Stops accepting, gives the registered `drain` to leave, and resolves when every connection is gone. */
  drain(): Promise<void> {
    this.announceStop();
    return this.#opened.drain();
  }

  /** Closes what is open. The admin port answers until the gate is closed. */
  async close(): Promise<void> {
    this.#certificate.close();
    await this.#running?.close();
    this.#feed?.close();
    await this.#admin?.close();
    await this.#stately?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #opened(): RunningGate {
    if (!this.#running) throw new Error('the gate is not open');
    return this.#running;
  }

  async #open(): Promise<void> {
    const { config } = this.#loaded;
    this.#running = await this.#run(config);
    const { view } = this.#running;
    logSessions(view, this.#log);
    this.#certificate.loaded(this.#loaded.tls);
    if (config.admin !== null) await this.#openAdmin(view, config, config.admin);
    if (config.stately) this.#stately = await openStately(view);
  }

  async #run({ workers }: ServeConfig): Promise<RunningGate> {
    if (workers === 1) return LocalGate.open(this.#loaded, { log: this.#log });
    // A gate that is alone starts without it.
    const { ClusterGate } = await import('./workers/cluster-gate.js');
    return ClusterGate.open(this.#loaded, workers, this.#log);
  }

  async #openAdmin(view: GateView, config: ServeConfig, listen: string): Promise<void> {
    const allowed = () => this.#loaded.config.allowHost ?? [];
    this.#feed = new SessionFeed(view, { gate: `ixgate ${version()}`, delays: this.#delays });
    this.#admin = await createAdmin(view, {
      listen,
      token: config.adminToken,
      publicUrl: config.adminPublicUrl,
      trustProxy: config.adminTrustProxy,
      get allowedHosts() {
        return allowed();
      },
      ...(this.#certificate.expiry !== null && {
        certificateExpiry: () => this.#certificate.expiry ?? 0,
      }),
      isStopping: () => this.#isStopping,
      recorder: this.#opened.recorder,
      feed: this.#feed,
      upgrades: {
        '/feed': this.#feed,
        '/xstate': xstateHandler(view, {
          allowInject: config.allowInject,
          onNews: logInspection(this.#log),
        }),
      },
    });
  }
}

function delaysOf({ registrationTimeout, rejectionTimeout }: ServeConfig): ShownDelays {
  return { registrationTimeout, rejectionTimeout };
}
