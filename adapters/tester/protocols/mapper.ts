import type { ChartProtocol } from '../../../machines/engine/kit/define-protocol.js';
import { isTime } from '../../../machines/engine/kit/protocol-model.js';
import type { Wire, WireTiming, WireValues } from '../../../machines/engine/kit/wire.js';
import type { SuiteSettings } from '../../../machines/engine/testgen/model.js';
import { longestDelay } from '../../../machines/text/clock.js';
import { checkChoice, chooseProtocol } from './protocol-run.js';

/** What a learner needs of a protocol: a mapper with inputs, or a protocol and its mapper. */
export interface Mapper {
  readonly wire: Wire;
  readonly protocol?: ChartProtocol;
}

/** What a tester states about a protocol and a server. */
export interface MapperChoices {
  /** Of a protocol. @default the first value of each setting */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Values for the mapper, e.g. credentials. @default {} */
  readonly values?: WireValues | undefined;
}

/** What a learner sends. */
export interface ChosenInputs {
  /** Each input with what a client does, after `the client`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The inputs that are left out because they need values. */
  readonly missing: readonly string[];
  readonly settings: SuiteSettings;
}

/**
 * The inputs of a mapper that can be sent with the values of a tester.
 * @throws {ChoiceError} for an unknown setting or value
 */
export function chooseInputs(
  { wire, protocol }: Mapper,
  { settings = {}, values = {} }: MapperChoices = {},
): ChosenInputs {
  for (const name of Object.keys(values)) checkChoice('value', name, wire.values ?? {});
  if (!protocol) for (const name of Object.keys(settings)) checkChoice('setting', name, {});
  const all = wire.inputs ?? inputsOf(protocol);
  const missing = wire.without?.(values) ?? [];
  return {
    inputs: Object.fromEntries(Object.entries(all).filter(([name]) => !missing.includes(name))),
    missing,
    settings: protocol ? chooseProtocol({ protocol, wire }, { settings }).settings : {},
  };
}

function inputsOf(protocol: ChartProtocol | undefined): Record<string, string> {
  const names = protocol?.names.inputs.filter((input) => !isTime(input)) ?? [];
  return Object.fromEntries(names.map((name) => [name, protocol?.words.clientDoes(name) ?? '']));
}

/** The names that a module exports, for messages. */
export function exportsOf(module: object): string {
  return Object.keys(module).join(', ') || 'nothing';
}

/** Why the exports of a module are not a mapper; null when they are. */
export function mapperProblem(module: Readonly<Record<string, unknown>>): string | null {
  const { wire, protocol } = module as { wire?: Partial<Wire>; protocol?: unknown };
  if (typeof wire?.session !== 'function') {
    return `it exports ${exportsOf(module)}; expected wire, a mapper with session and inputs`;
  }
  const hasProtocol = 'statements' in Object(protocol) && 'model' in Object(protocol);
  const isOfProtocol = wire.inputs === undefined && hasProtocol;
  return (isOfProtocol ? null : inputsProblem(wire.inputs)) ?? timingProblem(wire.timing ?? {});
}

function inputsProblem(inputs: unknown): string | null {
  const names = Array.isArray(inputs) ? [] : Object.keys(Object(inputs));
  if (names.length === 0) {
    return "wire has no inputs; add them, each with what a client does, e.g. inputs: { ping: 'sends PING' }";
  }
  const wrong = names.find((name) => isTime(name) || !/^[^\s,]+$/.test(name));
  if (wrong === undefined) return null;
  return `the input ${JSON.stringify(wrong)} is not allowed; expected a word without commas, not wait or silence`;
}

function timingProblem(timing: WireTiming): string | null {
  for (const [name, value] of Object.entries(timing)) {
    if (typeof value === 'number' && value > 0 && value <= longestDelay) continue;
    return `timing.${name} is ${String(value)}; expected milliseconds, more than 0`;
  }
  return null;
}
