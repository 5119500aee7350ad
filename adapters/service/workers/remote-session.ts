import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { checkMessage } from '../../server/encoded-message.js';
import type { KickOptions, SendOutcome, SessionInfo, SessionView } from '../../server/index.js';
import { checkedKick } from '../../server/kick.js';
import type { SessionAsk } from './messages.js';

/** A session that runs in a worker. Requests are executed there asynchronously. */
export class RemoteSession implements SessionView {
  readonly worker: number;
  readonly #ask: (session: string, ask: SessionAsk) => void;
  #info: SessionInfo;
  /** When `#info` was received, on the monotonic clock. */
  #at = performance.now();

  constructor(worker: number, info: SessionInfo, ask: (session: string, ask: SessionAsk) => void) {
    this.worker = worker;
    this.#info = info;
    this.#ask = ask;
  }

  get id(): string {
    return this.#info.id;
  }

  get isRegistered(): boolean {
    return this.#info.state === 'registered';
  }

  info(): SessionInfo {
    const { deadline } = this.#info;
    if (deadline === null) return this.#info;
    return { ...this.#info, deadline: Math.max(0, deadline - (performance.now() - this.#at)) };
  }

  /** The outcome in the worker is not awaited. */
  send(message: WireMessage): SendOutcome {
    checkMessage(message);
    if (!this.isRegistered)
      return this.#info.state === 'disconnected' ? 'closed' : 'not-registered';
    this.#ask(this.id, { what: 'send', message });
    return 'buffered';
  }

  inject(message: WireMessage): boolean {
    this.#ask(this.id, { what: 'inject', message });
    return true;
  }

  disconnect(): void {
    this.#ask(this.id, { what: 'disconnect' });
  }

  kick(options: KickOptions = {}): void {
    this.#ask(this.id, { what: 'kick', options: checkedKick(options) });
  }

  destroy(): void {
    this.#ask(this.id, { what: 'destroy' });
  }

  /** Sets the current state. */
  update(info: SessionInfo): void {
    this.#info = info;
    this.#at = performance.now();
  }

  stepped({ to, deadline }: StepRecord): void {
    this.update({ ...this.#info, state: to, deadline });
  }
}
