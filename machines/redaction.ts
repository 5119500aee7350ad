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

function redactObject(value: object): object {
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    secret.test(key) ? mask : key === 'extension' ? maskValues(inner) : redactValue(inner),
  ]);
  return Object.fromEntries(entries);
}

function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactValue);
  return typeof value === 'object' && value !== null ? redactObject(value) : value;
}

function maskValues(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return mask;
  return Object.fromEntries(Object.keys(value).map((key) => [key, mask]));
}
