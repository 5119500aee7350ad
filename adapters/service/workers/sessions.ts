import type { StepRecord, WireMessage } from '../../../machines/index.js';
import type { ServerSession, SessionInfo } from '../../server/index.js';
import type { SessionAsk } from './messages.js';

/** A session that runs in a worker. What it is asked for is done there, a moment later. */
export class RemoteSession implements ServerSession {
  readonly worker: number;
  readonly #ask: (session: string, ask: SessionAsk) => void;
  #info: SessionInfo;
  /** When that was so, on the clock that never jumps. */
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

  send(message: WireMessage): boolean {
    if (this.isRegistered) this.#ask(this.id, { what: 'send', message });
    return this.isRegistered;
  }

  inject(message: WireMessage): boolean {
    this.#ask(this.id, { what: 'inject', message });
    return true;
  }

  disconnect(): void {
    this.#ask(this.id, { what: 'disconnect' });
  }

  destroy(): void {
    this.#ask(this.id, { what: 'destroy' });
  }

  /** As it is now. */
  update(info: SessionInfo): void {
    this.#info = info;
    this.#at = performance.now();
  }

  stepped({ to, deadline }: StepRecord): void {
    this.update({ ...this.#info, state: to, deadline });
  }
}

/**
 * The names under which sessions are registered, or about to be, so that a limit of a name holds over all workers. A name is held from the
 * moment it is granted: the end of its worker releases it, whether that has told of the session or not.
 */
export class Names {
  readonly #bySession = new Map<string, { readonly clientName: string; readonly worker: number }>();
  /** Their sessions, in the order in which they got the name. */
  readonly #holders = new Map<string, Set<string>>();

  /** @returns whether there is a place; it is held until it is released. */
  claim(session: string, clientName: string, cap: number, worker: number): boolean {
    this.release(session);
    if ((this.#holders.get(clientName)?.size ?? 0) >= cap) return false;
    this.hold(session, clientName, worker);
    return true;
  }

  /** It is registered, whatever the limit of its name. */
  hold(session: string, clientName: string, worker: number): void {
    if (this.#bySession.get(session)?.clientName === clientName) return;
    this.release(session);
    this.#bySession.set(session, { clientName, worker });
    const holders = this.#holders.get(clientName) ?? new Set();
    this.#holders.set(clientName, holders.add(session));
  }

  /** The sessions of a name with their workers, oldest first. */
  of(clientName: string): { readonly session: string; readonly worker: number }[] {
    return [...(this.#holders.get(clientName) ?? [])].flatMap((session) => {
      const held = this.#bySession.get(session);
      return held ? { session, worker: held.worker } : [];
    });
  }

  /** It is over. */
  release(session: string): void {
    const held = this.#bySession.get(session);
    if (held === undefined) return;
    this.#bySession.delete(session);
    const holders = this.#holders.get(held.clientName);
    holders?.delete(session);
    if (holders?.size === 0) this.#holders.delete(held.clientName);
  }

  /** Its worker has ended. */
  releaseAll(worker: number): void {
    for (const [session, held] of this.#bySession) {
      if (held.worker === worker) this.release(session);
    }
  }
}
