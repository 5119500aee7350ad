import type { ErrorCodes, ErrorName } from '../../machines/registration/chart/error-codes.js';
import { type LoadedConfig, limitKeys, type ServeConfig } from '../config/index.js';
import type { DirectoryMember } from '../directory/member.js';
import { openRecorder, type Recorder } from '../recording/index.js';
import { GateServer, type ServerOptions } from '../server/index.js';
import type { Ban, Bans, ListedPenalty } from '../server/limits/index.js';
import type { SharedNames } from '../server/shared-names.js';
import type { Validator } from '../server/validator.js';
import type { AllowList } from '../validators/index.js';
import type { GateLog } from './log.js';
import { opened } from './opened.js';
import { logRecording } from './recording-log.js';
import type { RunningGate } from './running-gate.js';
import { type OpenValidator, openValidator } from './validator.js';

/** What differs between a gate in one process and a gate in a worker. */
export interface LocalGateOptions {
  readonly log: GateLog;
  /** Wraps the validator. @default the validator itself */
  readonly asking?: (validate: Validator) => Validator;
  /** Names that are shared with the other workers. @default those of this process, or of the configured directory */
  readonly sharedNames?: SharedNames;
  /** Called when the server exists, before it listens. */
  readonly opening?: (gate: LocalGate) => void;
}

/** A gate in this process with its validator and its recorder, made from a configuration. */
export class LocalGate implements RunningGate, AsyncDisposable {
  readonly #options: LocalGateOptions;
  #loaded: LoadedConfig;
  #recorder: Recorder | null = null;
  #server: GateServer | null = null;
  #validator: OpenValidator | null = null;
  /** Aborts reading of the list of clients when the gate stops. */
  readonly #stopping = new AbortController();

  /**
   * Opens the validator, the recorder and the server.
   * @throws {IxgateError} when a part cannot be opened; parts that were already open are closed.
   */
  static open(loaded: LoadedConfig, options: LocalGateOptions): Promise<LocalGate> {
    const gate = new LocalGate(loaded, options);
    return opened(gate, () => gate.#open());
  }

  private constructor(loaded: LoadedConfig, options: LocalGateOptions) {
    this.#loaded = loaded;
    this.#options = options;
  }

  get view(): GateServer {
    if (!this.#server) throw new Error('the gate is not open');
    return this.#server;
  }

  get member(): DirectoryMember | null {
    return this.view.member;
  }

  get recorder(): Recorder | null {
    return this.#recorder;
  }

  /**
   * Applies a new configuration, except for options that need a restart. Clients stay connected.
   * @param rereadList whether to reload the list of clients even if its path has not changed.
   * @throws {IxgateError} when the configuration is unusable; then nothing changes.
   */
  async reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void> {
    const { config } = loaded;
    const before = this.#validator;
    const other = rereadList || !sameValidator(config, this.#loaded.config);
    const validator = other || !before ? await this.#openValidator(config) : before;
    try {
      const options = this.#optionsOf(loaded, validator);
      this.view.reconfigure({ ...options, tls: options.tls ?? null });
    } catch (error) {
      if (validator !== before) await validator.close();
      throw error;
    }
    this.#loaded = loaded;
    this.#validator = validator;
    if (validator === before) return;
    await before?.close();
    this.#revalidate(validator.list);
  }

  ban(source: string, duration: number | null): Ban {
    return this.view.admission.bans.add(source, duration);
  }

  unban(source: string): boolean {
    return this.view.admission.bans.remove(source);
  }

  get banTable(): Bans {
    return this.view.admission.bans;
  }

  async penalties(): Promise<ListedPenalty[]> {
    return this.view.admission.penalties();
  }

  async clearPenalties(address: string | null): Promise<number> {
    return this.view.admission.clearPenalties(address);
  }

  /** Aborts a running read of the list of clients: the gate is about to stop. */
  stopReading(): void {
    this.#stopping.abort();
  }

  /** Stops accepting, gives registered clients the time `drain` to leave, and resolves when all connections are closed. */
  drain(): Promise<void> {
    this.stopReading();
    return this.view.close({ drainMs: this.#loaded.config.drain });
  }

  async close(): Promise<void> {
    this.stopReading();
    await this.#server?.close();
    await this.#recorder?.close();
    await this.#validator?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    const { config } = this.#loaded;
    const { log } = this.#options;
    this.#validator = await this.#openValidator(config);
    if (config.record !== undefined) {
      this.#recorder = await openRecorder(recorderOptions(this.#loaded, config.record));
      logRecording(this.#recorder, log);
    }
    const { sharedNames } = this.#options;
    const { directory } = this.#loaded;
    this.#server = new GateServer(
      {
        listen: config.listen,
        ...(directory !== null && !sharedNames && { directory }),
        ...this.#optionsOf(this.#loaded, this.#validator),
      },
      sharedNames,
    );
    this.#options.opening?.(this);
    await this.#server.open();
  }

  #openValidator(config: ServeConfig): Promise<OpenValidator> {
    const { log } = this.#options;
    const revalidate = () => this.#revalidate(this.#validator?.list ?? null);
    return openValidator(config, log, revalidate, this.#stopping.signal);
  }

  /** Disconnects registered clients that the list no longer allows, if `disconnectRemoved` is set. */
  #revalidate(list: AllowList | null): void {
    const server = this.#server;
    if (!server || !list || !this.#loaded.config.disconnectRemoved) return;
    void server
      .revalidate((request) => list.verdictOn(request))
      .then((revoked) => {
        if (revoked === 0) return;
        this.#options.log.info(
          `disconnected ${revoked} registered clients that the list no longer allows`,
          {
            event: 'clients-disconnected',
            revoked,
          },
        );
      });
  }

  /** The options of `createServer`, except `listen`. */
  #optionsOf({ config, tls }: LoadedConfig, { validate }: OpenValidator): ServerOptions {
    const limits = Object.fromEntries(limitKeys.map((key) => [key, config[key]]));
    return {
      ...(limits as Pick<ServeConfig, (typeof limitKeys)[number]>),
      registrationTimeout: config.registrationTimeout,
      rejectionTimeout: config.rejectionTimeout,
      validatorTimeout: config.validatorTimeout,
      wsPing: config.wsPing,
      wsPingTimeout: config.wsPingTimeout,
      namePolicy: config.namePolicy,
      validator: this.#options.asking?.(validate) ?? validate,
      tls,
      allowOrigin: config.allowOrigin ?? [],
      allowedHosts: config.allowHost ?? [],
      socketMode: config.socketMode,
      trustProxy: config.trustProxy ?? [],
      proxyProtocol: config.proxyProtocol,
      errorCodes: definedOf(config.errorCodes ?? {}),
      redactNames: config.redactNames ?? [],
      runner: config.runner,
      ...(this.#recorder && { journal: this.#recorder }),
      onMessage: ({ reply }) => {
        if (this.#loaded.config.answer === 'ack') reply.ack();
      },
    };
  }
}

function recorderOptions({ config, directory }: LoadedConfig, folder: string) {
  return {
    folder,
    node: directory?.node,
    sync: config.recordSync,
    maxSize: config.recordSize,
    maxAge: config.recordAge,
    // A worker does not know which files the other workers write; the primary removes old recordings.
    keep: config.workers === 1 ? config.recordKeep : undefined,
  };
}

function sameValidator(one: ServeConfig, other: ServeConfig): boolean {
  const keys = ['clients', 'validator', 'validatorTimeout', 'certificateName'] as const;
  return keys.every((key) => one[key] === other[key]);
}

function definedOf(
  numbers: { readonly [Name in ErrorName]?: number | undefined },
): Partial<ErrorCodes> {
  return Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== undefined));
}
