/** What a transition does, read from the actions that XState returns: outputs, timers, actors, and events to itself. */
import type { EventObject, ExecutableActionObject } from 'xstate';
import { actorName, type Identities } from './identity.js';
import { transitionMark } from './marked-machine.js';

/** A timer that a transition starts. */
export interface StartedTimer {
  /** By which it is cancelled: `id` of a delayed event, or a text that nothing else has. */
  readonly id: string;
  readonly event: EventObject;
  /** Milliseconds. */
  readonly delay: number;
}

export interface Effects {
  readonly actions: readonly string[];
  /** Timers that are cancelled and started, in order. */
  readonly timers: readonly (StartedTimer | { readonly cancelled: string })[];
  /** Actors that are started and stopped, in order. */
  readonly actors: readonly { readonly id: string; readonly runs: boolean }[];
  readonly transitions: readonly string[];
  /** Events that the machine sends to itself. It takes them after this transition. */
  readonly ownEvents: readonly EventObject[];
}

type Params = Readonly<Record<string, unknown>>;

export function effectsOf(
  taken: readonly ExecutableActionObject[],
  identities: Identities,
): Effects {
  const effects = {
    actions: [] as string[],
    timers: [] as (StartedTimer | { cancelled: string })[],
    actors: [] as { id: string; runs: boolean }[],
    transitions: [] as string[],
    ownEvents: [] as EventObject[],
  };
  for (const { type, params, info } of taken) {
    const { id, delay, event, to } = (params ?? {}) as Params;
    const isOwn = type === 'xstate.raise' || (type === 'xstate.sendTo' && to === info.self);
    if (type === transitionMark) effects.transitions.push(id as string);
    else if (type === 'xstate.cancel') {
      effects.timers.push({ cancelled: (params as { sendId: string }).sendId });
    } else if (isOwn && typeof delay === 'number') {
      const { type: name, ...data } = event as EventObject;
      const text = Object.keys(data).length === 0 ? name : identities.textOf(event);
      effects.timers.push({
        id: (id as string | undefined) ?? `delayed ${text}`,
        event: event as EventObject,
        delay,
      });
    } else if (type === 'xstate.sendTo' && isOwn) effects.ownEvents.push(event as EventObject);
    else if (type === 'xstate.spawnChild') {
      effects.actors.push({ id: id as string, runs: true });
      effects.actions.push(`${type} ${nameOf(params as Params)}`);
    } else if (type === 'xstate.stopChild') {
      effects.actors.push({ id: (params as { id?: string } | undefined)?.id ?? '', runs: false });
      effects.actions.push(`${type} ${actorName(params)}`);
    } else if (type === 'xstate.sendTo') {
      effects.actions.push(`${type} ${targetOf(params as Params)} ${identities.textOf(event)}`);
    } else if (type !== 'xstate.raise' && type !== 'xstate.log') {
      effects.actions.push(params === undefined ? type : `${type} ${identities.textOf(params)}`);
    }
  }
  return effects;
}

/** The actor of an invoked source without an implementation has no reference. */
function nameOf({ actorRef, id, src }: Params): string {
  if (actorRef) return actorName(actorRef);
  return String(id ?? src ?? 'an actor without an id');
}

function targetOf({ to, targetId }: Params): string {
  if (to) return actorName(to);
  return typeof targetId === 'string' ? targetId : 'an unknown actor';
}
