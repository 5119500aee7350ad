/**
 * The vocabulary of the wire: one flat JSON object a message, after the vendor SDK's JSON form.
 * Source of the attribute names: shared knowledge of the public SDK documentation, see docs/protocol.md.
 */
import * as v from 'valibot';
import { visibleJson } from './words.js';

/** The client types seen in public code. Further members of Genesys's enumeration are not known. */
export const clientTypes = [
  'AgentApplication',
  'MediaServer',
  'ReportingEngine',
  'RoutingEngine',
  'Proxy',
] as const;
export type ClientType = (typeof clientTypes)[number];

/** Any message: a name and whatever attributes it carries; unknown attributes are kept. */
export interface WireMessage {
  readonly messageName: string;
  /** int32; a reply echoes the request's. */
  readonly referenceId?: number | null | undefined;
  readonly [attribute: string]: unknown;
}

/** What each attribute must be, for people. */
const allowed = {
  messageName: 'RequestRegisterClient',
  referenceId: 'a whole number from -2147483648 to 2147483647',
  clientName: 'text of 1 to 255 characters',
  clientType: `one of ${clientTypes.join(', ')}`,
  mediaType: 'text',
  proxyClientId: 'a whole number from -2147483648 to 2147483647',
  extension: 'an object',
};

const int32 = (message: string) =>
  v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(-2_147_483_648, message),
    v.maxValue(2_147_483_647, message),
  );

/** A valid RequestRegisterClient. Attributes it does not name are kept. Its issues say what is allowed. */
export const registerClientSchema = v.looseObject({
  messageName: v.literal('RequestRegisterClient', allowed.messageName),
  referenceId: int32(allowed.referenceId),
  clientName: v.pipe(
    v.string(allowed.clientName),
    v.check((name) => {
      const { length } = [...name];
      return length >= 1 && length <= 255 && !/\p{Surrogate}/u.test(name);
    }, allowed.clientName),
  ),
  clientType: v.picklist(clientTypes, allowed.clientType),
  mediaType: v.optional(v.string(allowed.mediaType)),
  proxyClientId: v.optional(int32(allowed.proxyClientId)),
  // v.record takes an array for an object.
  extension: v.optional(
    v.custom<Record<string, unknown>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      allowed.extension,
    ),
  ),
});
export type RequestRegisterClient = v.InferOutput<typeof registerClientSchema>;

/** The server's yes. */
export interface EventAck extends WireMessage {
  readonly messageName: 'EventAck';
}

/** The server's no. */
export interface EventError extends WireMessage {
  readonly messageName: 'EventError';
  readonly errorCode: number;
  readonly errorDescription: string;
}

/**
 * Checks a RequestRegisterClient.
 * @returns the request, or the sentence that says which attribute is wrong, what was sent and what is allowed.
 */
export function parseRegisterClient(
  message: WireMessage,
):
  | { readonly ok: true; readonly request: RequestRegisterClient }
  | { readonly ok: false; readonly problem: string } {
  const result = v.safeParse(registerClientSchema, message);
  if (result.success) return { ok: true, request: result.output };
  const [issue] = result.issues;
  const attribute = issue.path?.[0]?.key as keyof typeof allowed;
  const given = message[attribute];
  const rule = `must be ${allowed[attribute]}`;
  if (given === undefined) return { ok: false, problem: `${attribute} is missing; it ${rule}` };
  // An extension may hold what nobody but the validator is to see.
  const shown = attribute === 'extension' ? 'what was sent' : abridged(given);
  return { ok: false, problem: `${attribute} ${rule}, not ${shown}` };
}

/** The reference id to echo: the message's own when it is an int32, else null. */
export function referenceIdOf(message: WireMessage | undefined): number | null {
  const id = message?.referenceId;
  return typeof id === 'number' && Number.isInteger(id) && (id | 0) === id ? id : null;
}

/** EventAck in answer to a request. */
export function eventAck(
  referenceId: number | null,
  attributes: Readonly<Record<string, unknown>> = {},
): EventAck {
  return { messageName: 'EventAck', referenceId, ...attributes };
}

/** EventError in answer to a request, or unasked with referenceId null. */
export function eventError(
  referenceId: number | null,
  errorCode: number,
  errorDescription: string,
): EventError {
  return { messageName: 'EventError', referenceId, errorCode, errorDescription };
}

/** Whether an EventError has what it must have: a whole number and a text. */
export function isCompleteError({ errorCode, errorDescription }: WireMessage): boolean {
  return Number.isInteger(errorCode) && typeof errorDescription === 'string';
}

/** Whether a value is a message: an object with a non-empty messageName. */
export function isWireMessage(value: unknown): value is WireMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    typeof (value as { messageName?: unknown }).messageName === 'string' &&
    (value as { messageName: string }).messageName !== ''
  );
}

/** A value as JSON, cut to `length` characters, for an error text. */
export function abridged(value: unknown, length = 60): string {
  const text = visibleJson(JSON.stringify(value) ?? String(value));
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
