/** The JSON of `/stately.json`, for programs. Names are stable; new ones may be added. */
import type { InspectedActor, LastEvent } from '../../machines/engine/inspection/actor.js';
import type { InspectedApp } from '../../machines/engine/inspection/app.js';
import type { StateValue } from '../../machines/engine/inspection/messages.js';
import { phantomsOf } from '../../machines/engine/inspection/phantoms.js';

export interface AppsJson {
  /** In the order in which they connected. */
  readonly apps: readonly AppJson[];
}

export interface AppJson {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  /** Wall clock, milliseconds since 1970. */
  readonly connectedAt: number;
  /** Null while it is connected. */
  readonly endedAt: number | null;
  /** Version of its inspector; null before the first actor. */
  readonly version: string | null;
  /** Messages that arrived. */
  readonly messages: number;
  /** Frames that are not messages of an inspector; they are ignored. */
  readonly broken: number;
  /** Messages that the app or the inspector left out. */
  readonly missing: number;
  /** Events in the ladder, and older ones that were forgotten. */
  readonly events: { readonly held: number; readonly forgotten: number };
  /** In the order in which they started. */
  readonly actors: readonly ActorJson[];
}

export interface ActorJson {
  /** Session id, unique in its app. */
  readonly id: string;
  readonly name: string;
  /** Session id of the parent; null for a root. */
  readonly parent: string | null;
  /** Id of the machine; null for other actors, and when the definition was not sent. */
  readonly machine: string | null;
  /** Whether the depth limit of the app cut the definition. */
  readonly definitionCut: boolean;
  /** `active`, `done`, `error` or `stopped`. */
  readonly status: string;
  /** Null for actors that are not machines. */
  readonly state: StateValue | null;
  /** Whether it was created and never used, while an equal actor was: React's StrictMode does that. */
  readonly unused: boolean;
  /** At most ten, the oldest first. */
  readonly lastEvents: readonly EventJson[];
}

export interface EventJson {
  readonly type: string;
  readonly at: number;
  /** Session id of the sender; null when it came from outside of the actors. */
  readonly source: string | null;
  /** Ids of transitions as in `ixgate coverage`; null when they are not known. */
  readonly transitions: readonly string[] | null;
  /** Whether the transitions are guessed. */
  readonly guessed: boolean;
}

export function appsJson(apps: readonly InspectedApp[]): AppsJson {
  return { apps: apps.map(appJson) };
}

function appJson(app: InspectedApp): AppJson {
  const { id, name, connectedAt, endedAt, version, counts, ladder } = app;
  const unused = phantomsOf(app);
  return {
    id,
    name,
    connected: endedAt === null,
    connectedAt,
    endedAt,
    version,
    ...counts,
    events: { held: ladder.length, forgotten: ladder.forgotten },
    actors: app.actors().map((actor) => actorJson(actor, unused.has(actor))),
  };
}

function actorJson(actor: InspectedActor, unused: boolean): ActorJson {
  const { session, name, parent, definition, status, state, last } = actor;
  return {
    id: session,
    name,
    parent,
    machine: definition?.isMachine ? (definition.id ?? name) : null,
    definitionCut: definition?.isCut ?? false,
    status,
    state,
    unused,
    lastEvents: last.map(eventJson),
  };
}

function eventJson({ type, at, source, outcome }: LastEvent): EventJson {
  const { transitions = null, guessed = false } = outcome ?? {};
  return { type, at, source, transitions, guessed };
}
