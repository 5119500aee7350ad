import { type AdminPort, openAdminPort } from '../admin/admin-port.js';
import type { LoadedConfig, ServeConfig } from '../config/index.js';
import { ControlApi } from '../control/control-api.js';
import { type ControlSocket, openControlSocket } from '../control/control-socket.js';
import { feedOf, type SessionFeed } from '../feed/index.js';
import type { Inspection } from '../inspector/inspection.js';
import type { OtlpExport } from '../opentelemetry/otlp.js';
import type { GateView } from '../server/index.js';
import type { WebServer } from '../web/index.js';
import { openStately, xstateHandler } from '../xstate-inspector/index.js';
import { CertificateWatch } from './certificate-watch.js';
import { logControl } from './control-log.js';
import { GateControl, type Reloading } from './gate-control.js';
import { logInspection } from './inspection-log.js';
import { LocalGate } from './local-gate.js';
import type { Log } from './log.js';
import type { NodesGate } from './nodes/nodes-gate.js';
import { opened } from './opened.js';
import type { RunningGate } from './running-gate.js';
import { logSessions } from './session-log.js';
import { logSigning } from './signing-log.js';
import { openTelemetry } from './telemetry.js';

/** Everything that `ixgate serve` runs: the gate, in one process or in workers, and its admin port. */
export class Gate implements AsyncDisposable {
  readonly #log: Log;
  readonly #certificate: CertificateWatch;
  #loaded: LoadedConfig;
  #running: RunningGate | null = null;
  /** The gates of its cluster; null without a directory. */
  #nodes: NodesGate | null = null;
  #feed: SessionFeed | null = null;
  #admin: AdminPort | null = null;
  #stately: WebServer | null = null;
  #inspector: Inspection | null = null;
  readonly #reloading: Reloading | null;
  #control: ControlSocket | null = null;
  #isStopping = false;
  #telemetry: OtlpExport | null = null;

  /**
   * Opens the gate, its admin port and its socket of live control.
   * @param reloading for live control; null: there is none
   * @throws {IxgateError} when a part cannot be opened; parts that were already open are closed.
   */
  static open(loaded: LoadedConfig, log: Log, reloading: Reloading | null = null): Promise<Gate> {
    const gate = new Gate(loaded, log, reloading);
    return opened(gate, () => gate.#open());
  }

  private constructor(loaded: LoadedConfig, log: Log, reloading: Reloading | null) {
    this.#loaded = loaded;
    this.#reloading = reloading;
    this.#log = log;
    this.#certificate = new CertificateWatch(log);
  }

  get server(): GateView {
    return this.#opened.view;
  }

  get admin(): AdminPort | null {
    return this.#admin;
  }

  /**
   * The address of the inspector with the token that pages of other origins need; without the token if it is that of the admin port. Null
   * without an inspector.
   */
  get inspectorUrl(): string | null {
    if (!this.#admin || !this.#inspector) return null;
    const { browserInspectorUrl } = this.#inspector.addresses(this.#admin.url);
    const isSecret = this.#loaded.config.adminToken !== undefined;
    return isSecret ? browserInspectorUrl.replace(/\?.*/, '') : browserInspectorUrl;
  }

  get stately(): WebServer | null {
    return this.#stately;
  }

  /** The configuration in force. */
  get loaded(): LoadedConfig {
    return this.#loaded;
  }

  /**
   * Applies a new configuration, except for options that need a restart. Clients stay connected.
   * @param rereadList whether to reload the list of clients even if its path has not changed.
   * @throws {IxgateError} when the configuration is unusable; then nothing changes.
   */
  async reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void> {
    await this.#opened.reconfigure(loaded, rereadList);
    const { logLevel } = loaded.config;
    // Live control may have set another level, which stays until the configured one changes.
    if (logLevel !== this.#loaded.config.logLevel) this.#log.level = logLevel;
    this.#loaded = loaded;
    this.#certificate.loaded(loaded.tls);
  }

  /** Makes /readyz answer 503 and the page show that the gate shuts down. The gate still accepts clients. */
  announceStop(): void {
    this.#isStopping = true;
    this.#admin?.announceStop();
  }

  /** Stops accepting, gives registered clients the time `drain` to leave, and resolves when all connections are closed. */
  drain(): Promise<void> {
    this.announceStop();
    return this.#opened.drain();
  }

  /** Closes everything. The admin port answers until the gate is closed. */
  async close(): Promise<void> {
    this.#certificate.close();
    await this.#running?.close();
    this.#feed?.close();
    await this.#control?.close();
    await this.#admin?.close();
    await this.#stately?.close();
    await this.#telemetry?.close();
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
    if (config.otlp !== undefined) {
      this.#telemetry = await openTelemetry(config.otlp, this.#log);
    }
    this.#running = await this.#run(config);
    const { view } = this.#running;
    logSessions(view, this.#log);
    this.#certificate.loaded(this.#loaded.tls);
    // Log, telemetry and inspectors have the sessions of this gate; live control and the page those of all.
    this.#nodes = await this.#nodesOf(this.#running);
    this.#running = this.#nodes ?? this.#running;
    const control = this.#controlOf(this.#running);
    if (config.admin !== null) await this.#openAdmin(view, config, config.admin, control);
    if (config.control !== undefined && control) {
      this.#control = await openControlSocket(config.control, control);
    }
    this.#telemetry?.watchShared({
      gate: view,
      feed: this.#feed,
      certificateExpiry: this.#certificateExpiry,
    });
    if (config.stately) this.#stately = await openStately(view);
  }

  /** Undefined without a certificate. */
  get #certificateExpiry(): (() => number) | undefined {
    return this.#certificate.expiry === null ? undefined : () => this.#certificate.expiry ?? 0;
  }

  async #run({ workers }: ServeConfig): Promise<RunningGate> {
    if (workers === 1) {
      return LocalGate.open(this.#loaded, {
        log: this.#log,
        opening: ({ view, recorder }) => this.#telemetry?.watchGate(view, recorder),
      });
    }
    // A gate in one process starts faster without this module.
    const { ClusterGate } = await import('./workers/cluster-gate.js');
    return ClusterGate.open(this.#loaded, workers, this.#log);
  }

  async #nodesOf(own: RunningGate): Promise<NodesGate | null> {
    const { member } = own;
    if (!member) return null;
    const { NodesGate } = await import('./nodes/nodes-gate.js');
    return NodesGate.open({
      ...{ own, member },
      isStopping: () => this.#isStopping,
      admin: () => this.#admin?.url ?? null,
      reload: () => {
        if (this.#reloading) return this.#reloading.reload();
        throw new Error('this gate cannot reload');
      },
    });
  }

  #controlOf(running: RunningGate): ControlApi | undefined {
    const reloading = this.#reloading;
    if (!reloading) return undefined;
    const service = new GateControl({
      ...{ running, reloading, log: this.#log },
      loaded: () => this.#loaded,
      admin: () => this.#admin?.url ?? null,
    });
    return new ControlApi({
      ...{ gate: running.view, service, changes: true },
      isStopping: () => this.#isStopping,
      onAction: logControl(this.#log),
    });
  }

  async #openAdmin(
    view: GateView,
    config: ServeConfig,
    listen: string,
    control: ControlApi | undefined,
  ): Promise<void> {
    const allowed = () => this.#loaded.config.allowHost ?? [];
    const shown = this.#nodes ?? view;
    this.#feed = feedOf(shown);
    if (this.#nodes) this.#nodes.held = this.#feed;
    if (config.inspector) this.#inspector = await inspectorOf(config);
    this.#admin = await openAdminPort(shown, {
      inspector: this.#inspector ?? undefined,
      listen,
      token: config.adminToken,
      publicUrl: config.adminPublicUrl,
      trustProxy: config.adminTrustProxy,
      get allowedHosts() {
        return allowed();
      },
      certificateExpiry: this.#certificateExpiry,
      recorder: this.#opened.recorder,
      feed: this.#feed,
      onSigning: logSigning(this.#log),
      control,
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

/** The inspector of other apps, which a gate without it does not load. */
async function inspectorOf({ adminToken }: ServeConfig): Promise<Inspection> {
  const { Inspection } = await import('../inspector/inspection.js');
  return Inspection.open({ token: adminToken });
}
