/** The names of actions, guards and actors of a machine object, for labels. Functions without a name have the name of their kind. */
import type { AnyStateNode } from 'xstate';

type Parts = Readonly<Record<string, unknown>>;

/** E.g. `note`, `tell {"word":"x"}`, `raise Y`, `assign n, m`, `action` for an inline function. */
export function actionName(action: unknown): string {
  if (typeof action === 'string') return action;
  const parts = action as Parts & { readonly name?: string };
  const { type } = parts;
  if (typeof type !== 'string') return inlineName(parts.name, inlineActions, 'action');
  switch (type) {
    case 'xstate.assign':
      return words('assign', Object.keys(Object(parts.assignment)).join(', '));
    case 'xstate.raise':
      return words('raise', eventName(parts.event), laterText(parts.delay));
    case 'xstate.sendTo':
      return words('send', eventName(parts.event), targetText(parts.to), laterText(parts.delay));
    case 'xstate.emit':
      return words('emit', eventName(parts.event));
    case 'xstate.cancel':
      return words('cancel', textOf(parts.sendId));
    case 'xstate.spawnChild':
      return words('spawn', textOf(parts.src));
    case 'xstate.stopChild':
      return words('stop', textOf(parts.actorRef));
    case 'xstate.log':
      return words('log', textOf(parts.value));
    default:
      return withParams(type.replace(/^xstate\./, ''), parts.params);
  }
}

/** E.g. `isValid`, `atLeast {"least":2}`, `not (a and b)`, `in door.shut`, `guard` for an inline function. */
export function guardName(guard: unknown): string {
  if (guard === undefined) return '';
  if (typeof guard === 'string') return guard;
  const parts = guard as Parts & { readonly name?: string };
  const inner = Array.isArray(parts.guards) ? parts.guards.map(guardName) : null;
  if (inner && parts.name === 'not') return `not ${grouped(inner[0] ?? 'guard')}`;
  if (inner) return inner.map(grouped).join(` ${parts.name} `);
  if ('stateValue' in parts) return `in ${valueText(parts.stateValue)}`;
  if (typeof parts.type !== 'string') return inlineName(parts.name, /^guard$/, 'guard');
  return withParams(parts.type, parts.params);
}

/** The actors that a state invokes: the names of their logic, e.g. `load`; `actor` for inline logic. */
export function invokedNames(node: AnyStateNode): string[] {
  return node.invoke.map(({ src }) => sourceName(src));
}

/** The name of the logic of an actor that a state invokes, by the actor's id. */
export function actorName(node: AnyStateNode, id: string): string {
  const invoked = node.invoke.find((one) => one.id === id);
  // An id that XState makes contains the id of the machine.
  if (!invoked) return id;
  return /^\d+\./.test(id) ? sourceName(invoked.src) : id;
}

function sourceName(src: unknown): string {
  return typeof src === 'string' && !src.startsWith('xstate.invoke.') ? src : 'actor';
}

/** Names that a function gets from the key of a configuration. */
const inlineActions = /^(actions|entry|exit)$/;

function inlineName(name: string | undefined, keys: RegExp, kind: string): string {
  return name === undefined || name === '' || keys.test(name) ? kind : name;
}

function withParams(name: string, params: unknown): string {
  if (params === undefined) return name;
  return `${name} ${typeof params === 'function' ? '(...)' : (jsonOf(params) ?? '(...)')}`;
}

/** A value as JSON; null when JSON cannot represent it. */
export function jsonOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
}

function eventName(event: unknown): string {
  return typeof event === 'function' ? 'an event' : String((Object(event) as Parts).type ?? '');
}

function targetText(to: unknown): string {
  if (to === '#_parent') return 'to parent';
  return typeof to === 'string' ? `to ${to}` : 'to an actor';
}

function laterText(delay: unknown): string {
  if (typeof delay === 'number') return `after ${delay} ms`;
  if (delay === undefined) return '';
  return typeof delay === 'string' ? `after ${delay}` : 'later';
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function grouped(guard: string): string {
  return guard.includes(' ') && !guard.startsWith('in ') ? `(${guard})` : guard;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(Object(value) as Parts)
    .map(([key, inner]) => `${key}.${valueText(inner)}`)
    .join(' + ');
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
