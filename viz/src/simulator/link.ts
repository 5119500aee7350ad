/** The inputs of a simulation as text for a link: base64url of compact JSON. */
import {
  type DisconnectReason,
  disconnectReasons,
  isWireMessage,
  type WireMessage,
} from '../../../machines/index.js';
import type { Answers, Input } from './simulation.js';

/** Maximum number of characters; chats and mail programs cut longer links. */
export const longestInputs = 8_000;
/** Maximum nesting depth of a message. */
const deepest = 50;
/** Maximum milliseconds of one wait: one day. */
const longestWait = 86_400_000;
const version = 1;

const answers: Readonly<Record<Answers, true>> = {
  'by-hand': true,
  valid: true,
  invalid: true,
  silent: true,
};

/** The inputs and the start time. */
export interface LinkedInputs {
  readonly inputs: readonly Input[];
  /** Wall clock of the first moment, milliseconds since 1970. */
  readonly startedAt: number;
}

type Packed = ['connect'] | [kind: 'wait' | 'end' | 'answers' | 'client' | 'server', of: unknown];

/** The text of the inputs; null when there are none, or when they are too large for a link. */
export function inputsText({ inputs, startedAt }: LinkedInputs): string | null {
  const isTooDeep = inputs.some(
    (input) => input.kind === 'say' && !isAtMostDeep(input.message, deepest),
  );
  if (inputs.length === 0 || isTooDeep) return null;
  const json = JSON.stringify([version, startedAt, ...inputs.map(packed)]);
  if (json.length > longestInputs) return null;
  const binary = String.fromCharCode(...new TextEncoder().encode(json));
  const text = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return text.length > longestInputs ? null : text;
}

function packed(input: Input): Packed {
  switch (input.kind) {
    case 'connect':
      return ['connect'];
    case 'wait':
      return ['wait', input.ms];
    case 'end':
      return ['end', input.reason];
    case 'answers':
      return ['answers', input.answers];
    case 'say':
      return [input.from === 'Client' ? 'client' : 'server', input.message];
  }
}

/** The inputs of a text, or the problem in words. Never throws. */
export function inputsFrom(text: string): LinkedInputs | string {
  if (text.length > longestInputs) {
    return `${text.length} characters; at most ${longestInputs} are allowed`;
  }
  const json = decoded(text);
  if (json === null) return 'not base64url';
  const value = parsed(json);
  if (!Array.isArray(value)) return 'not a list of inputs as JSON';
  const [found, startedAt, ...list] = value as unknown[];
  if (found !== version) return 'written by another version of the page';
  if (!isTime(startedAt)) return 'no start time';
  const inputs: Input[] = [];
  for (const [index, one] of list.entries()) {
    const input = unpacked(one);
    if (!input) return `input ${index + 1} of ${list.length} is invalid`;
    inputs.push(input);
  }
  return { inputs, startedAt };
}

/** Whether the value is a time that a Date can represent after all waits. */
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= 8.64e15 - longestWait * longestInputs;

function decoded(text: string): string | null {
  if (!/^[\w-]+$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function unpacked(value: unknown): Input | null {
  if (!Array.isArray(value)) return null;
  const [kind, of] = value as unknown[];
  switch (kind) {
    case 'connect':
      return { kind };
    case 'wait':
      return isWait(of) ? { kind, ms: of } : null;
    case 'end':
      return isKeyOf<DisconnectReason>(disconnectReasons, of) ? { kind, reason: of } : null;
    case 'answers':
      return isKeyOf<Answers>(answers, of) ? { kind, answers: of } : null;
    case 'client':
      return isMessage(of) ? { kind: 'say', from: 'Client', message: of } : null;
    case 'server':
      return isMessage(of) ? { kind: 'say', from: 'Interaction Server', message: of } : null;
    default:
      return null;
  }
}

const isWait = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= longestWait;

function isKeyOf<Key extends string>(
  table: Readonly<Record<Key, unknown>>,
  value: unknown,
): value is Key {
  return typeof value === 'string' && Object.hasOwn(table, value);
}

const isMessage = (value: unknown): value is WireMessage =>
  isWireMessage(value) && isAtMostDeep(value, deepest);

function isAtMostDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isAtMostDeep(inner, levels - 1));
}
