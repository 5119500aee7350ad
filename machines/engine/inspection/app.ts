/** One inspected app: its actors and their ladder. */
import { InspectedActor } from './actor.js';
import { Definition } from './definition.js';
import { Ladder, type LadderEvent } from './ladder.js';
import type { HeldLimits } from './limits.js';
import {
  type ActorMessage,
  type EventMessage,
  readMessage,
  type SnapshotMessage,
  type StateValue,
} from './messages.js';

type AppLimits = Pick<HeldLimits, 'actors' | 'events' | 'bytes'>;

export class InspectedApp {
  /** Unique in its inspector: session ids are unique in an app only. */
  readonly id: string;
  /** The key of an app that connects again; null when it has none. */
  readonly key: string | null;
  readonly connectedAt: number;
  readonly ladder = new Ladder();
  /** Null while it is connected. */
  endedAt: number | null = null;
  /** Numbers of messages: all, those that are not messages of an inspector, and those that were left out. */
  readonly counts = { messages: 0, broken: 0, missing: 0 };
  /** Version of the sender; null before the first actor. */
  version: string | null = null;
  readonly #given: string | null;
  readonly #limits: AppLimits;
  readonly #actors = new Map<string, InspectedActor>();
  /** Actors share the definition of their machine. */
  readonly #definitions = new Map<string, Definition>();
  #definitionBytes = 0;
  #actorBytes = 0;

  constructor(
    id: string,
    given: { readonly name: string | null; readonly key: string | null; readonly at: number },
    limits: AppLimits,
  ) {
    this.id = id;
    this.key = given.key;
    this.#given = given.name;
    this.connectedAt = given.at;
    this.#limits = limits;
  }

  /** The name from its address, else that of its first actor without a parent. */
  get name(): string {
    if (this.#given !== null) return this.#given;
    const root = [...this.#actors.values()].find(({ parent }) => parent === null);
    return root?.name ?? this.id;
  }

  /** In the order in which they started. */
  actors(): InspectedActor[] {
    return [...this.#actors.values()];
  }

  actor(session: string): InspectedActor | undefined {
    return this.#actors.get(session);
  }

  /**
   * Takes a message. Never throws.
   * @param at wall clock, milliseconds since 1970
   * @returns false for a message that is not one of an inspector; it is counted
   */
  take(text: string, at: number): boolean {
    const message = readMessage(text);
    this.counts.messages += 1;
    if (message === null) {
      this.counts.broken += 1;
      return false;
    }
    if (message.type === 'gap') this.missing(message.missing, at);
    else if (message.type === 'actor') this.#start(message, text);
    else if (message.type === 'event') this.#event(message, text, at);
    else this.#snapshot(message, text, at);
    const others = this.#definitionBytes + this.#actorBytes;
    this.ladder.trim(this.#limits.events, Math.max(0, this.#limits.bytes - others));
    return true;
  }

  /** It has lost its connection, and is connected again. */
  connectedAgain(at: number): void {
    this.endedAt = null;
    this.ladder.addGap(null, at);
  }

  /** Counts messages that were left out before the next one. */
  missing(count: number, at: number): void {
    this.counts.missing += count;
    this.ladder.addGap(count, at);
  }

  /** Counts a frame that is not a message. */
  broken(): void {
    this.counts.messages += 1;
    this.counts.broken += 1;
  }

  #start(message: ActorMessage, text: string): void {
    const { session, name, parent, definition, snapshot, version } = message;
    const actor = this.#actorOf(session);
    actor.name = name;
    actor.parent = parent;
    this.version = version ?? this.version;
    if (definition !== null) actor.definition = this.#definitionOf(definition);
    if (snapshot) this.#show(actor, snapshot, text);
  }

  #event({ session, source, event }: EventMessage, text: string, at: number): void {
    const actor = this.#actorOf(session);
    const entry = this.ladder.addEvent({ at, source, target: session, type: event, message: text });
    actor.got(entry);
  }

  #snapshot(message: SnapshotMessage, text: string, at: number): void {
    const { session, event, snapshot } = message;
    const actor = this.#actorOf(session);
    const taken = this.ladder.event(actor.taken(event) ?? 0);
    const entry = taken ?? this.#snapshotAlone(actor, event, at);
    const { value: state, status } = snapshot;
    const transitions = this.#transitionsOf(actor, message, state);
    const outcome = { state, status, ...transitions, message: text };
    this.ladder.complete(entry, outcome);
    actor.did(entry.number, outcome);
    this.#show(actor, snapshot, text);
  }

  /** A snapshot whose event was not sent, or was left out. */
  #snapshotAlone(actor: InspectedActor, type: string, at: number): LadderEvent {
    const { session } = actor;
    const entry = this.ladder.addEvent({ at, source: null, target: session, type, message: null });
    actor.got(entry);
    actor.taken(type);
    return entry;
  }

  #transitionsOf(
    { definition, state: before }: InspectedActor,
    { event, transitions }: SnapshotMessage,
    after: StateValue | null,
  ) {
    if (transitions !== null) {
      const known = definition ?? new Definition('{}');
      return { transitions: known.idsOf(transitions), guessed: false };
    }
    const isGuess = definition !== null && before !== null && after !== null;
    if (!isGuess || event === 'xstate.init') return { transitions: null, guessed: false };
    return { transitions: definition.guess(before, event, after), guessed: true };
  }

  #show(actor: InspectedActor, snapshot: SnapshotMessage['snapshot'], text: string): void {
    const others = this.#actorBytes - actor.bytes;
    // Half of the bytes stays for the ladder and the definitions.
    const mayHold = others + text.length <= this.#limits.bytes / 2;
    actor.show(snapshot, text, mayHold);
    this.#actorBytes = others + actor.bytes;
  }

  #actorOf(session: string): InspectedActor {
    const known = this.#actors.get(session);
    if (known) return known;
    if (this.#actors.size >= this.#limits.actors) this.#forgetOne();
    const actor = new InspectedActor(session);
    this.#actors.set(session, actor);
    this.#actorBytes += actor.bytes;
    return actor;
  }

  /** Forgets the actor that started first of those that ended; else of all. */
  #forgetOne(): void {
    const ended = this.actors().find(({ isActive }) => !isActive) ?? this.actors()[0];
    if (!ended) return;
    this.#actors.delete(ended.session);
    this.#actorBytes -= ended.bytes;
  }

  #definitionOf(text: string): Definition | null {
    const known = this.#definitions.get(text);
    if (known) return known;
    if (this.#definitionBytes + text.length > this.#limits.bytes / 4) return null;
    const definition = new Definition(text);
    this.#definitions.set(text, definition);
    this.#definitionBytes += text.length;
    return definition;
  }
}
