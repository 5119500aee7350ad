/**
 * The messages on the wire: one flat JSON object for each message, in the vendor SDK's JSON form.
 * Source of the attribute names: shared knowledge of the public SDK documentation, see docs/protocol.md.
 */
import { abridged } from '../../text/format.js';

/** The client types in public code. Other members of Genesys's enumeration are unknown. */
export const clientTypes = [
  'AgentApplication',
  'MediaServer',
  'ReportingEngine',
  'RoutingEngine',
  'Proxy',
] as const;
export type ClientType = (typeof clientTypes)[number];

/**
 * The names of messages that are public: those of the registration, those that commonly follow it, and EventClientDisconnected, which is
 * this project's own.
 */
export const protocolMessages = [
  'RequestRegisterClient',
  'RequestUnregisterClient',
  'EventAck',
  'EventError',
  'EventClientDisconnected',
  'RequestAgentLogin',
  'RequestAgentLogout',
  'RequestAgentAvailable',
  'RequestSubmit',
  'RequestPlaceInQueue',
  'RequestStartPlaceAgentStateReportingAll',
] as const;

/** Any message: a name and its attributes; unknown attributes are kept. */
export interface WireMessage {
  readonly messageName: string;
  /** int32; a reply echoes the request's. */
  readonly referenceId?: number | null | undefined;
  readonly [attribute: string]: unknown;
}

/** The rule for an attribute of RequestRegisterClient. */
interface AttributeRule {
  readonly isOptional?: true;
  /** The allowed values, for error messages. */
  readonly allowed: string;
  is(value: unknown): boolean;
}

const isInt32 = (value: unknown) => typeof value === 'number' && (value | 0) === value;
const isText = (value: unknown) => typeof value === 'string';
const int32 = 'a whole number from -2147483648 to 2147483647';

/** The rules for a valid RequestRegisterClient, in the order in which they are checked. */
export const registerClientRules = {
  messageName: {
    allowed: 'RequestRegisterClient',
    is: (value) => value === 'RequestRegisterClient',
  },
  referenceId: { allowed: int32, is: isInt32 },
  clientName: {
    allowed: 'text of 1 to 255 characters',
    is: (value) =>
      typeof value === 'string' &&
      value.length >= 1 &&
      (value.length <= 255 || [...value].length <= 255) &&
      !/\p{Surrogate}/u.test(value),
  },
  clientType: {
    allowed: `one of ${clientTypes.join(', ')}`,
    is: (value) => clientTypes.includes(value as ClientType),
  },
  mediaType: { isOptional: true, allowed: 'text', is: isText },
  proxyClientId: { isOptional: true, allowed: int32, is: isInt32 },
  extension: {
    isOptional: true,
    allowed: 'an object',
    is: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  },
} as const satisfies Record<string, AttributeRule>;

const ruled = Object.entries(registerClientRules) as [
  keyof typeof registerClientRules,
  AttributeRule,
][];

/** A valid RequestRegisterClient; other attributes are kept. */
export interface RequestRegisterClient {
  messageName: 'RequestRegisterClient';
  referenceId: number;
  clientName: string;
  clientType: ClientType;
  mediaType?: string | undefined;
  proxyClientId?: number | undefined;
  extension?: Record<string, unknown> | undefined;
  [attribute: string]: unknown;
}

/** The server's acknowledgement. */
export interface EventAck extends WireMessage {
  readonly messageName: 'EventAck';
}

/** The server's error. */
export interface EventError extends WireMessage {
  readonly messageName: 'EventError';
  readonly errorCode: number;
  readonly errorDescription: string;
}

/**
 * Checks a RequestRegisterClient.
 * @returns the request, or a sentence that names the invalid attribute, its value and the allowed values.
 */
export function parseRegisterClient(
  message: WireMessage,
):
  | { readonly ok: true; readonly request: RequestRegisterClient }
  | { readonly ok: false; readonly problem: string } {
  for (const [attribute, rule] of ruled) {
    const given = message[attribute];
    if (given === undefined ? rule.isOptional : rule.is(given)) continue;
    return { ok: false, problem: problemWith(attribute, given) };
  }
  const request = { ...message } as RequestRegisterClient;
  for (const name of notAttributes) if (Object.hasOwn(request, name)) delete request[name];
  return { ok: true, request };
}

/** Names that careless copying of objects takes for a prototype. They are not attributes of a registration. */
const notAttributes = ['__proto__', 'prototype', 'constructor'];

function problemWith(attribute: keyof typeof registerClientRules, given: unknown): string {
  const rule = `must be ${registerClientRules[attribute].allowed}`;
  if (given === undefined) return `${attribute} is missing; it ${rule}`;
  // An extension may contain secrets for the validator.
  const shown = attribute === 'extension' ? 'what was sent' : abridged(given);
  return `${attribute} ${rule}, not ${shown}`;
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

/** EventError in answer to a request; unsolicited with referenceId null. */
export function eventError(
  referenceId: number | null,
  errorCode: number,
  errorDescription: string,
): EventError {
  return { messageName: 'EventError', referenceId, errorCode, errorDescription };
}

/** Whether an EventError has a valid errorCode (a whole number) and errorDescription (a text). */
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
