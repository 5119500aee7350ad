import type { Observable } from 'rxjs';
import { type ErrorName, errorCodes } from '../../machines/registration/chart/error-codes.js';
import type { Reply } from '../server/index.js';

/** The number of EventError for a message without a handler. */
const noHandler = 404;

export function replyNoHandler(reply: Reply, messageName: string): void {
  reply.error(noHandler, `no handler for ${messageName}`);
}

/**
 * Answers with the error of a handler. `new RpcException({ code: 103, message: 'not logged in' })`, or a WsException with the same object,
 * becomes EventError 103; `code` may also be the name of a standard error. Other errors become internal-error, without their text unless
 * it is from an exception of that kind.
 */
export function replyError(reply: Pick<Reply, 'error'>, error: unknown): void {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  if (typeof code === 'number' && Number.isInteger(code)) reply.error(code, text);
  else reply.error(isErrorName(code) ? code : 'internal-error', text);
}

function isErrorName(code: unknown): code is ErrorName {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}

/** The attributes of EventAck for the value that a handler returned. */
export function attributesOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  return { result: value };
}

/** The last value of an observable; undefined without one. */
export function lastOf(values: Observable<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let last: unknown;
    values.subscribe({
      next: (value) => {
        last = value;
      },
      error: reject,
      complete: () => resolve(last),
    });
  });
}
