import type { WireMessage } from './messages.js';

/** What stands in a step record in place of a value that must not leave the seat. */
export const mask = '***';

const secret = /password|passwd|secret|token|credential|authorization|private.?key|api.?key/i;

/**
 * A message as it may be shown: the values of `extension` and of every attribute whose name speaks of a secret are
 * masked, at any depth; all keys are kept.
 */
export function redactMessage(message: WireMessage): WireMessage {
  return redactObject(message) as WireMessage;
}

/** Names of attributes that are known to speak of no secret; so many at most, since clients may choose them. */
const harmless = new Set<string>();
const mostHarmless = 1_024;

function isHarmless(key: string): boolean {
  if (harmless.has(key)) return true;
  if (key === 'extension' || secret.test(key)) return false;
  if (harmless.size < mostHarmless && key.length <= 64) harmless.add(key);
  return true;
}

function redactObject(value: object): object {
  // Most have nothing to mask: a copy will do.
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    const inner = copy[key];
    if (!isHarmless(key)) copy[key] = secret.test(key) ? mask : maskValues(inner);
    else if (typeof inner === 'object' && inner !== null) copy[key] = redactValue(inner);
  }
  return copy;
}

function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactValue);
  return typeof value === 'object' && value !== null ? redactObject(value) : value;
}

function maskValues(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return mask;
  return Object.fromEntries(Object.keys(value).map((key) => [key, mask]));
}
