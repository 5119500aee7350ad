import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { checkMessage } from '../../server/encoded-message.js';
import type { KickOptions, SendOutcome, SessionInfo, SessionView } from '../../server/index.js';
import { checkedKick } from '../../server/kick.js';
import type { SessionAsk } from './session-ask.js';

/** A session that runs in another process: a worker, or another gate of a cluster. Requests are executed there asynchronously. */
export class RemoteSession implements SessionView {
  /** The id of the worker, or the name of the gate. */
  readonly owner: number | string;
  readonly #ask: (session: string, ask: SessionAsk) => void;
  #info: SessionInfo;
  /** When `#info` was received, on the monotonic clock. */
  #at = performance.now();

  constructor(
    owner: number | string,
    info: SessionInfo,
    ask: (session: string, ask: SessionAsk) => void,
  ) {
    this.owner = owner;
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

  /** The outcome in the other process is not awaited. */
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
