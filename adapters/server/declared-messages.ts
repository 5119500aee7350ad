/** The declared messages of a service: the options `messages` and `on`, checked when the gate is created. */
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { Redact } from '../../machines/registration/session/redaction.js';
import { IxgateError, OptionError } from '../runtime/errors.js';
import { isPromiseLike } from '../runtime/is-promise-like.js';
import {
  isStandardSchema,
  type StandardResult,
  type StandardSchema,
} from '../runtime/standard-schema.js';
import { issueText } from './issue-text.js';
import type { MessageSchema } from './message-types.js';

type Attributes = Readonly<Record<string, unknown>>;

/** A checked message, as the handler gets it, or the text of its EventError. */
export type CheckedMessage = { readonly message: WireMessage } | { readonly problem: string };

/** The attributes of an EventAck do not fit the schema `ack` of the message that it answers. Nothing was sent. */
export class InvalidReplyError extends IxgateError {
  override readonly name = 'InvalidReplyError';
  constructor(problem: string) {
    super('INVALID_REPLY', problem);
  }
}

/** The declaration of one message. */
export class DeclaredMessageSchemas {
  readonly #messageName: string;
  readonly #attributes: StandardSchema;
  readonly #ack: StandardSchema | null;

  /** @throws {OptionError} */
  constructor(messageName: string, given: MessageSchema) {
    const { attributes, ack } =
      isStandardSchema(given) || typeof given !== 'object' || given === null
        ? { attributes: given, ack: undefined }
        : given;
    const option = `messages.${messageName}`;
    this.#messageName = messageName;
    this.#attributes = schemaOf(option, attributes);
    this.#ack = ack === undefined ? null : schemaOf(`${option}.ack`, ack);
  }

  get checksAck(): boolean {
    return this.#ack !== null;
  }

  /** Checks a message of this name. @returns a promise where the schema is asynchronous */
  check(message: WireMessage, redact: Redact): CheckedMessage | Promise<CheckedMessage> {
    const { messageName, referenceId, ...attributes } = message;
    const result = this.#attributes['~standard'].validate(attributes);
    const conclude = (concluded: StandardResult<unknown>): CheckedMessage => {
      if (concluded.issues) return { problem: issueText(concluded.issues, message, redact) };
      const output = { ...Object(concluded.value), messageName };
      return { message: 'referenceId' in message ? { ...output, referenceId } : output };
    };
    return isPromiseLike(result) ? Promise.resolve(result).then(conclude) : conclude(result);
  }

  /** @throws {InvalidReplyError} */
  checkAck(attributes: Attributes, redact: Redact): Attributes {
    if (this.#ack === null) return attributes;
    const what = `EventAck for ${this.#messageName}`;
    const result = this.#ack['~standard'].validate(attributes);
    if (isPromiseLike(result)) throw new InvalidReplyError(`${what}: its schema is asynchronous`);
    if (!result.issues) return Object(result.value) as Attributes;
    throw new InvalidReplyError(
      issueText(result.issues, { ...attributes, messageName: what }, redact),
    );
  }
}

/** @throws {OptionError} */
export function declaredFrom(
  schemas: Readonly<Record<string, MessageSchema | undefined>> | undefined,
): ReadonlyMap<string, DeclaredMessageSchemas> | null {
  const entries = entriesOf('messages', schemas);
  if (entries.length === 0) return null;
  return new Map(entries.map(([name, one]) => [name, new DeclaredMessageSchemas(name, one)]));
}

/** @throws {OptionError} */
export function handlersFrom<Handler>(
  handlers: Readonly<Record<string, Handler | undefined>> | undefined,
): ReadonlyMap<string, Handler> | null {
  const entries = entriesOf('on', handlers);
  for (const [name, handler] of entries) checkedHandler(`on.${name}`, handler);
  return entries.length === 0 ? null : new Map(entries);
}

/** @throws {OptionError} */
export function checkedHandler<Handler>(option: string, handler: Handler): Handler {
  if (typeof handler === 'function') return handler;
  throw new OptionError(option, handler, 'a function');
}

/** @throws {OptionError} */
function entriesOf<Value>(
  option: string,
  given: Readonly<Record<string, Value | undefined>> | undefined,
): [string, Value][] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new OptionError(option, given, 'an object with the names of messages');
  }
  if (Object.hasOwn(given, 'RequestRegisterClient')) {
    const allowed = 'other messages; the validator decides on this one';
    throw new OptionError(option, 'RequestRegisterClient', allowed);
  }
  return Object.entries(given).filter((entry): entry is [string, Value] => entry[1] !== undefined);
}

/** @throws {OptionError} */
function schemaOf(option: string, given: unknown): StandardSchema {
  if (isStandardSchema(given)) return given;
  throw new OptionError(
    option,
    typeof given,
    'a schema of Standard Schema, e.g. of valibot or zod',
  );
}
