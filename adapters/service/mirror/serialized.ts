/** The events of a gate as its mirrors in other processes receive them. */
import { IxgateError } from '../../runtime/errors.js';
import type { SessionView, ViewEvents } from '../../server/index.js';

/** A serialized error; its class is identified by its code. */
export interface SerializedError {
  readonly code: string | null;
  readonly message: string;
}

export function serializeError(error: Error & { readonly code?: unknown }): SerializedError {
  const { code, message } = error;
  return { code: typeof code === 'string' ? code : null, message };
}

export function deserializeError({ code, message }: SerializedError): Error {
  return code === null ? new Error(message) : new IxgateError(code, message);
}

/** Serializes an argument of an event: a session as its info, an error, or an object with the field `error`. */
export function serializeArgument(value: unknown): unknown {
  if (isSession(value)) return value.info();
  if (value instanceof Error) return serializeError(value);
  if (typeof value !== 'object' || value === null || !('error' in value)) return value;
  return value.error instanceof Error ? { ...value, error: serializeError(value.error) } : value;
}

/** The argument that `serializeArgument` serialized. */
export function deserializeArgument(value: unknown): unknown {
  if (isSerializedError(value)) return deserializeError(value);
  if (typeof value !== 'object' || value === null || !('error' in value)) return value;
  return isSerializedError(value.error)
    ? { ...value, error: deserializeError(value.error) }
    : value;
}

function isSession(value: unknown): value is SessionView {
  return typeof (value as Partial<SessionView> | null)?.info === 'function';
}

function isSerializedError(value: unknown): value is SerializedError {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 2 && 'code' in value && 'message' in value;
}

/** An event of `ViewEvents` in another process; its errors are serialized. */
export type SerializedEvent = readonly [name: keyof ViewEvents, ...args: unknown[]];
