import type { ErrorCodes, ErrorName } from '../../machines/index.js';
import { type Admin, createAdmin } from '../admin/index.js';
import { type LoadedConfig, limitKeys, type ServeConfig } from '../config/index.js';
import { SessionFeed } from '../feed/index.js';
import { openStately, xstateHandler } from '../inspect/index.js';
import { openRecorder, type Recorder } from '../recording/index.js';
import { createServer, type GateServer, type ServerOptions } from '../server/index.js';
import type { WebServer } from '../web/index.js';
import { logInspection } from './inspection-log.js';
import type { Log } from './log.js';
import { logRecording } from './recording-log.js';
import { logSessions } from './session-log.js';
import { type OpenValidator, openValidator } from './validator.js';
import { version } from './version.js';

/** Deadlines as viewers are told them; they follow the configuration. */
type ShownDelays = { registrationTimeout: number; rejectionTimeout: number };

/** All that `ixgate serve` runs: the gate, its validator, its admin port and what is served there. */
export class Gate implements AsyncDisposable {
  readonly #log: Log;
  readonly #delays: ShownDelays;
  #loaded: LoadedConfig;
  #recorder: Recorder | null = null;
  #server: GateServer | null = null;
  #validator: OpenValidator | null = null;
  #feed: SessionFeed | null = null;
  #admin: Admin | null = null;
  #stately: WebServer | null = null;

  /**
   * Opens it all.
   * @throws {IxgateError} when a part cannot be opened; those that were open are closed again.
   */
  static async open(loaded: LoadedConfig, log: Log): Promise<Gate> {
    const gate = new Gate(loaded, log);
    try {
      await gate.#open();
      return gate;
    } catch (error) {
      await gate.close();
      throw error;
    }
  }

  private constructor(loaded: LoadedConfig, log: Log) {
    this.#loaded = loaded;
    this.#log = log;
    this.#delays = delaysOf(loaded.config);
  }

  get server(): GateServer {
    if (!this.#server) throw new Error('the gate is not open');
    return this.#server;
  }

  get recorder(): Recorder | null {
    return this.#recorder;
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
   * Puts another configuration in force, save what needs a restart. Nobody is disconnected.
   * @param anew also reads the list of clients again where its name is the same.
   * @throws {IxgateError} when it cannot be used; then nothing has changed.
   */
  async reconfigure(loaded: LoadedConfig, anew: boolean): Promise<void> {
    const { config } = loaded;
    const before = this.#validator;
    const other = anew || !sameValidator(config, this.#loaded.config);
    const validator = other || !before ? await openValidator(config, this.#log) : before;
    try {
      this.server.reconfigure(this.#optionsOf(loaded, validator));
    } catch (error) {
      if (validator !== before) await validator.close();
      throw error;
    }
    this.#loaded = loaded;
    this.#validator = validator;
    this.#log.level = config.logLevel;
    Object.assign(this.#delays, delaysOf(config));
    if (validator !== before) await before?.close();
  }

  /** Stops accepting, gives the registered `drain` to leave, and resolves when every connection is gone. */
  drain(): Promise<void> {
    return this.server.close({ drainMs: this.#loaded.config.drain });
  }

  /** Closes what is open. The admin port answers until the gate is closed. */
  async close(): Promise<void> {
    await this.#server?.close();
    await this.#recorder?.close();
    this.#feed?.close();
    await this.#admin?.close();
    await this.#stately?.close();
    await this.#validator?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    const { config } = this.#loaded;
    this.#validator = await openValidator(config, this.#log);
    if (config.record !== undefined) this.#recorder = await this.#record(config, config.record);
    this.#server = await createServer({
      listen: config.listen,
      ...this.#optionsOf(this.#loaded, this.#validator),
    });
    logSessions(this.#server, this.#log);
    if (config.admin !== null) await this.#openAdmin(this.#server, config, config.admin);
    if (config.stately) this.#stately = await openStately(this.#server);
  }

  async #record(config: ServeConfig, folder: string): Promise<Recorder> {
    const recorder = await openRecorder({
      folder,
      sync: config.recordSync,
      maxSize: config.recordSize,
      maxAge: config.recordAge,
      keep: config.recordKeep,
    });
    logRecording(recorder, this.#log);
    return recorder;
  }

  async #openAdmin(server: GateServer, config: ServeConfig, listen: string): Promise<void> {
    this.#feed = new SessionFeed(server, { gate: `ixgate ${version()}`, delays: this.#delays });
    this.#admin = await createAdmin(server, {
      listen,
      token: config.adminToken,
      recorder: this.#recorder,
      feed: this.#feed,
      upgrades: {
        '/inspect': this.#feed,
        '/xstate': xstateHandler(server, {
          allowInject: config.allowInject,
          onNews: logInspection(this.#log),
        }),
      },
    });
  }

  /** The library's options, all but where to listen. */
  #optionsOf({ config, tls }: LoadedConfig, { validate }: OpenValidator): ServerOptions {
    const limits = Object.fromEntries(limitKeys.map((key) => [key, config[key]]));
    return {
      ...(limits as Pick<ServeConfig, (typeof limitKeys)[number]>),
      registrationTimeout: config.registrationTimeout,
      rejectionTimeout: config.rejectionTimeout,
      validatorTimeout: config.validatorTimeout,
      validator: validate,
      tls,
      allowOrigin: config.allowOrigin,
      errorCodes: definedOf(config.errorCodes ?? {}),
      ...(this.#recorder && { journal: this.#recorder }),
      onMessage: ({ reply }) => {
        if (this.#loaded.config.answer === 'ack') reply.ack();
      },
    };
  }
}

function delaysOf({ registrationTimeout, rejectionTimeout }: ServeConfig): ShownDelays {
  return { registrationTimeout, rejectionTimeout };
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
