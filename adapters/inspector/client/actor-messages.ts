/** The messages of an app, in the form of @statelyai/inspect, with the transitions that were taken. */
import type { ActorRefLike, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { executedOf } from '../../../machines/engine/coverage/executed-transitions.js';
import { definitionJson, toJson } from '../../runtime/to-json.js';

/** What the client knows of an actor. Fields of XState that its types do not have are optional. */
export interface InspectedRef extends ActorRefLike {
  readonly id?: string;
  readonly logic?: { readonly config?: unknown };
  readonly _parent?: { readonly sessionId: string };
}

/** A transition: id of its state, type of its event (empty for `always`), and its index among those. */
type TransitionRef = readonly [source: string, event: string, index: number];

const definitions = new WeakMap<object, string>();

/** @param snapshot whether to tell the current snapshot */
export function actorMessage(ref: InspectedRef, snapshot: boolean): string {
  const config = ref.logic?.config;
  const definition = typeof config === 'object' && config !== null ? definitionOf(config) : null;
  const { id: machine } = Object(config) as { id?: unknown };
  const named = ref.id === ref.sessionId && typeof machine === 'string' ? machine : ref.id;
  return JSON.stringify({
    type: '@xstate.actor',
    sessionId: ref.sessionId,
    name: named ?? ref.sessionId,
    parentId: ref._parent?.sessionId,
    definition: definition ?? undefined,
    _version: 'ixgate',
  }).replace(/\}$/, () => (snapshot ? `,"snapshot":${snapshotJson(ref.getSnapshot())}}` : '}'));
}

export function eventMessage(target: string, source: string | null, event: object): string {
  const from = source === null ? '' : `,"sourceId":${JSON.stringify(source)}`;
  return `{"type":"@xstate.event","sessionId":${JSON.stringify(target)}${from},"event":${eventJson(event)}}`;
}

export function snapshotMessage(
  session: string,
  event: object,
  snapshot: unknown,
  transitions: readonly TransitionRef[] | null,
): string {
  const taken = transitions === null ? '' : `,"transitions":${JSON.stringify(transitions)}`;
  return `{"type":"@xstate.snapshot","sessionId":${JSON.stringify(session)}${taken},"event":${eventJson(event)},"snapshot":${snapshotJson(snapshot)}}`;
}

export function gapMessage(missing: number): string {
  return JSON.stringify({ type: '@ixgate.gap', missing });
}

/** The transitions that a microstep takes: an inspector gets all that were selected. */
export function transitionsIn(event: InspectionEvent): TransitionRef[] {
  const { _transitions: taken = [] } = event as { _transitions?: AnyTransitionDefinition[] };
  return executedOf(taken).flatMap((one) => {
    const { source, eventType } = one;
    const among = eventType === '' ? source?.always : source?.transitions?.get(eventType);
    const index = among?.indexOf(one) ?? -1;
    return index === -1 ? [] : [[source.id, eventType, index] as const];
  });
}

function definitionOf(config: object): string {
  let text = definitions.get(config);
  if (text === undefined) {
    text = definitionJson(config);
    definitions.set(config, text);
  }
  return text;
}

/** Events of promises and actors that failed have the error in `error` or `data`. */
function eventJson(event: object): string {
  const { type, error, data } = event as { type?: unknown; error?: unknown; data?: unknown };
  const hasError = error instanceof Error || data instanceof Error;
  const told = hasError ? { ...event, error: errorParts(error), data: errorParts(data) } : event;
  return toJson(told, () => JSON.stringify({ type, leftOut: true }));
}

/** JSON leaves out the parts of an error. */
function errorParts(value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message } : value;
}

/** A context that cannot be written is left out; the state is always told. */
function snapshotJson(snapshot: unknown): string {
  const { status, value, context, output, error, tags } = Object(snapshot) as {
    readonly [name: string]: unknown;
  };
  const parts = { status, value, tags: tags instanceof Set ? [...tags] : undefined };
  const whole = { ...parts, context, output, error: errorParts(error) };
  return toJson(whole, () => toJson({ ...parts, contextLeftOut: true }, () => '{}'));
}
