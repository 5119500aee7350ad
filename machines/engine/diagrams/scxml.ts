/** A machine as W3C SCXML. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { isWithin, stateNodesOf } from '../table/edges.js';
import { drawsRoot } from './boxes.js';
import { executable } from './scxml-actions.js';
import { callOf, ScxmlNames } from './scxml-names.js';
import {
  type DiagramTransition,
  diagramTransitions,
  historyDefaults,
  ownActions,
} from './transitions.js';
import { element, type XmlElement, xmlText } from './xml.js';

/**
 * A machine as W3C SCXML: states, parallel states, history, `after` as a delayed `<send>`, and invoked actors. A guard is `cond` with a call
 * of its name; `stateIn` is `In`. An action is a `<log>` with its name, because SCXML cannot contain functions of a program; `raise`,
 * `cancel` and events for actors are what SCXML has for them. Machines with equal charts give equal texts.
 */
export function scxmlChart(machine: AnyStateMachine): string {
  return xmlText(new Scxml(machine).document());
}

class Scxml {
  readonly #machine: AnyStateMachine;
  readonly #names: ScxmlNames;
  readonly #transitions: readonly DiagramTransition[];

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    this.#names = new ScxmlNames(machine);
    this.#transitions = diagramTransitions(machine);
  }

  document(): XmlElement {
    const { root, id } = this.#machine;
    const ends = this.#transitions.flatMap(({ source, targets }) => [source, ...targets]);
    const activities = [...root.entry, ...root.exit, ...root.invoke];
    const isBox = drawsRoot(this.#machine, ends) || activities.length > 0;
    const own = this.#names.state(root);
    const end = `end_of_${own}`;
    // A final state ends an SCXML chart only where no state is around it.
    const mayEnd = isBox && stateNodesOf(root).some(({ type }) => type === 'final');
    const ending = element('transition', { event: `done.state.${own}`, target: end });
    const states = isBox
      ? [
          this.#state(root, mayEnd ? [ending] : []),
          ...(mayEnd ? [element('final', { id: end })] : []),
        ]
      : Object.values(root.states).map((node) => this.#state(node));
    const attributes = {
      xmlns: 'http://www.w3.org/2005/07/scxml',
      version: '1.0',
      datamodel: 'ecmascript',
      name: id === '(machine)' ? undefined : id.replace(/\s+/g, '_'),
      initial: isBox ? own : this.#names.states(root.initial?.target ?? []),
    };
    return element('scxml', attributes, states);
  }

  #state(node: AnyStateNode, more: readonly XmlElement[] = []): XmlElement {
    const names = this.#names;
    const id = names.state(node);
    if (node.type === 'history') {
      const type = node.history === 'deep' ? 'deep' : 'shallow';
      // XML requires a default that is inside of the parent.
      const defaults = historyDefaults(node).flatMap((target) =>
        target === node.parent ? regionsOf(target) : [target],
      );
      return element('history', { id, type }, [
        element('transition', { target: names.states(defaults) }),
      ]);
    }
    const start = node.type === 'compound' ? node.initial : undefined;
    const initial = start?.target ? names.states(start.target) : undefined;
    const actions = executable(start?.actions ?? []);
    const beginning = element('initial', {}, [element('transition', { target: initial }, actions)]);
    const name = { parallel: 'parallel', final: 'final' }[node.type as string] ?? 'state';
    return element(name, { id, initial: actions.length > 0 ? undefined : initial }, [
      ...this.#entryAndExit(node),
      ...(actions.length > 0 ? [beginning] : []),
      ...node.invoke.map(({ src }, index) =>
        element('invoke', {
          id: names.invoked(node)[index],
          type: 'xstate',
          src: typeof src === 'string' && !src.startsWith('xstate.invoke.') ? src : 'actor',
        }),
      ),
      ...(name === 'final' ? [] : this.#transitionsOf(node)),
      ...more,
      ...Object.values(node.states).map((child) => this.#state(child)),
    ]);
  }

  #entryAndExit(node: AnyStateNode): XmlElement[] {
    const names = this.#names;
    const timers = names.delays(node).map((delay) => {
      const event = names.timer(delay, node);
      const wait = /^\d+$/.test(delay) ? { delay: `${delay}ms` } : { delayexpr: callOf(delay) };
      const send = element('send', { id: event, event, ...wait });
      return { send, cancel: element('cancel', { sendid: event }) };
    });
    const entry = [...executable(ownActions(node.entry)), ...timers.map(({ send }) => send)];
    const exit = [...executable(ownActions(node.exit)), ...timers.map(({ cancel }) => cancel)];
    return [
      ...(entry.length > 0 ? [element('onentry', {}, entry)] : []),
      ...(exit.length > 0 ? [element('onexit', {}, exit)] : []),
    ];
  }

  #transitionsOf(node: AnyStateNode): XmlElement[] {
    return this.#transitions
      .filter(({ source }) => source === node)
      .map((transition) => {
        const { eventType, guard, actions, reenter } = transition;
        const inside = !reenter && isInside(transition);
        // XState does not leave a state for a transition to itself; SCXML does.
        const targets = inside
          ? transition.targets.flatMap((one) => innerTarget(one, node))
          : transition.targets;
        const attributes = {
          event: this.#names.event(eventType, node),
          cond: this.#names.guard(guard),
          target: targets.length > 0 ? this.#names.states(targets) : undefined,
          type: inside && targets.length > 0 ? 'internal' : undefined,
        };
        return element('transition', attributes, executable(actions));
      });
  }
}

/** Whether all targets are the source or inside of it. */
function isInside({ source, targets }: DiagramTransition): boolean {
  return targets.length > 0 && targets.every((target) => isWithin(target, source));
}

/** What a transition enters that stays in its source: for the source itself its first state. */
function innerTarget(target: AnyStateNode, source: AnyStateNode): readonly AnyStateNode[] {
  if (target !== source) return [target];
  return source.type === 'parallel' ? regionsOf(source) : (source.initial?.target ?? []);
}

function regionsOf(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states).filter(({ type }) => type !== 'history');
}
