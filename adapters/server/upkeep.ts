import { AcceptError, OverloadError } from './errors.js';
import { type Admission, DescriptorWatch, LagWatch } from './limits/index.js';
import type { ServerSettings } from './options.js';
import type { ServerCounters } from './server-counters.js';
import type { SessionRegistry } from './session-registry.js';

/** Milliseconds that a gate stays overloaded after an event-loop delay. */
const overloadTime = 1_000;
/** Milliseconds of silence before the system probes a client (TCP keep-alive), and the age at which a connection gets keep-alive. */
const keepAlive = 30_000;

/** What the upkeep needs of its gate. */
export interface UpkeepHost {
  readonly settings: ServerSettings;
  readonly admission: Admission;
  readonly registry: SessionRegistry;
  readonly counters: ServerCounters;
  problem(error: Error): void;
}

/** The regular work of an open gate: pings, keep-alive, and the watches of the event loop and of descriptors. */
export class Upkeep {
  readonly #host: UpkeepHost;
  readonly #lagWatch: LagWatch;
  readonly #descriptorWatch: DescriptorWatch;
  readonly #keepAliveTimer: NodeJS.Timeout;
  #pingTimer: NodeJS.Timeout | undefined;
  #overloadTimer: NodeJS.Timeout | undefined;

  constructor(host: UpkeepHost) {
    this.#host = host;
    this.#lagWatch = new LagWatch((lag) => this.#onLag(lag));
    this.#descriptorWatch = new DescriptorWatch((error) => host.problem(new AcceptError(error)));
    this.#keepAliveTimer = setInterval(() => this.#enableKeepAlive(), keepAlive).unref();
    this.startPinging();
  }

  /** Pings all WebSocket clients by one timer, by the settings in force. Pings and timeouts are at most a fifth late. */
  startPinging(): void {
    clearInterval(this.#pingTimer);
    const { wsPing, wsPingTimeout } = this.#host.settings;
    if (wsPing === 0) return;
    const tick = Math.max(10, Math.min(wsPing, wsPingTimeout, 10_000) / 5);
    this.#pingTimer = setInterval(() => {
      const now = performance.now();
      this.#host.registry.each((session) => session.ping(now, wsPing, wsPingTimeout));
    }, tick).unref();
  }

  close(): void {
    this.#lagWatch.close();
    this.#descriptorWatch.close();
    clearTimeout(this.#overloadTimer);
    clearInterval(this.#keepAliveTimer);
    clearInterval(this.#pingTimer);
  }

  /** Detects clients that vanished, after some minutes. */
  #enableKeepAlive(): void {
    for (const session of this.#host.registry.all()) session.enableKeepAlive(keepAlive);
  }

  #onLag(lag: number): void {
    const { settings, admission, counters } = this.#host;
    if (lag < settings.limits.maxLag) return;
    counters.limits.maxLag += 1;
    admission.overloaded = true;
    clearTimeout(this.#overloadTimer);
    this.#overloadTimer = setTimeout(() => {
      admission.overloaded = false;
    }, overloadTime).unref();
    this.#host.problem(new OverloadError(lag));
  }
}
