/** Actions as executable content of SCXML. */
import { actionName } from './names.js';
import { callOf, eventName, quoted, scxmlId } from './scxml-names.js';
import { element, type XmlElement } from './xml.js';

type Parts = Readonly<Record<string, unknown>>;

export function executable(actions: readonly unknown[]): XmlElement[] {
  return actions.map((action) => {
    const parts = Object(action) as Parts;
    const { type, to } = parts;
    const { event } = parts as { event?: { type?: unknown } };
    const isStatic = typeof event === 'object' && typeof event.type === 'string';
    const name = isStatic ? eventName(String(event.type)) : '';
    const wait = delayOf(parts);
    if (type === 'xstate.raise' && isStatic) {
      return wait
        ? element('send', { id: idOf(parts), event: name, ...wait })
        : element('raise', { event: name });
    }
    if (type === 'xstate.sendTo' && isStatic && typeof to === 'string') {
      const target = to === '#_parent' ? to : `#_${scxmlId(to)}`;
      return element('send', { id: idOf(parts), event: name, target, ...wait });
    }
    if (type === 'xstate.cancel' && typeof parts.sendId === 'string')
      return element('cancel', { sendid: scxmlId(parts.sendId) });
    return element('log', { label: 'action', expr: quoted(actionName(action)) });
  });
}

function idOf({ id }: Parts): string | undefined {
  return typeof id === 'string' ? scxmlId(id) : undefined;
}

function delayOf({ delay }: Parts): { delay: string } | { delayexpr: string } | null {
  if (typeof delay === 'number') return { delay: `${delay}ms` };
  if (delay === undefined) return null;
  return { delayexpr: callOf(typeof delay === 'string' ? delay : 'delay') };
}
