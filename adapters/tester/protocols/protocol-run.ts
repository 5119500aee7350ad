import type { LiveProtocol } from '../../../machines/engine/kit/define-protocol.js';
import type { ProtocolModel } from '../../../machines/engine/kit/protocol-model.js';
import type { SuiteSettings } from '../../../machines/engine/testgen/model.js';
import { LiveServer, type LiveServerOptions } from './live-server.js';

/** What a tester states about a protocol and a server. */
export interface ProtocolChoices {
  /** @default the first value of each setting */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The length of timers in milliseconds. @default those of the protocol */
  readonly timers?: Readonly<Record<string, number>> | undefined;
  /** Values for the mapper, e.g. credentials. Inputs that need others are left out. @default nothing is left out */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** A protocol with the model that a tester has chosen. */
export interface ChosenProtocol {
  readonly live: LiveProtocol;
  readonly model: ProtocolModel;
  readonly settings: SuiteSettings;
  /** The timers whose length the server chooses and the tester did not state. */
  readonly unknownTimers: readonly string[];
}

export interface ProtocolRun extends ChosenProtocol {
  readonly server: LiveServer;
}

/** An unknown setting, timer or value. The message lists what is allowed. */
export class ChoiceError extends RangeError {
  override readonly name = 'ChoiceError';
}

/**
 * The model for the choices of a tester.
 * @throws {ChoiceError}
 */
export function chooseProtocol(
  live: LiveProtocol,
  { settings = {}, timers = {}, values }: ProtocolChoices = {},
): ChosenProtocol {
  const { protocol, wire } = live;
  for (const [name, value] of Object.entries(settings)) {
    checkChoice('setting', name, protocol.settings);
    const allowed = protocol.settings[name] ?? [];
    if (!allowed.includes(value)) {
      throw new ChoiceError(
        `the setting ${name} is ${JSON.stringify(value)}; allowed: ${allowed.join(', ')}`,
      );
    }
  }
  for (const name of Object.keys(timers)) checkChoice('timer', name, protocol.timers);
  for (const name of Object.keys(values ?? {})) checkChoice('value', name, wire.values ?? {});
  const without = values ? (wire.without?.(values) ?? []) : [];
  const model = protocol.model(settings, { timers, without });
  const unknownTimers = protocol.chosenByServer.filter((name) => timers[name] === undefined);
  return { live, model, settings: model.settings, unknownTimers };
}

/** A run of a protocol against a live server. @throws {ChoiceError} */
export function protocolRun(
  live: LiveProtocol,
  choices: ProtocolChoices,
  options: Omit<LiveServerOptions, 'model' | 'wire' | 'values'>,
): ProtocolRun {
  const chosen = chooseProtocol(live, choices);
  const { values } = choices;
  const server = new LiveServer({ ...options, model: chosen.model, wire: live.wire, values });
  return { ...chosen, server };
}

/** Why inputs cannot be played: the values of an input, or the length of a timer, are missing; null when they can. */
export function unplayable(chosen: ChosenProtocol, inputs: readonly string[]): string | null {
  const { live, model, unknownTimers } = chosen;
  const missing = inputs.find((input) => !model.inputs.includes(input));
  if (missing !== undefined) return withoutValues(live, missing);
  const timer = model.timerNeeded(inputs, unknownTimers);
  return timer === null ? null : withoutLength(timer);
}

/** The inputs and timers that the choices of a tester leave untested, each with the option that is missing. */
export function missingFor({ live, model, unknownTimers }: ChosenProtocol): string[] {
  const all = live.protocol.names.inputs.filter((input) => !model.inputs.includes(input));
  return [...all.map((input) => withoutValues(live, input)), ...unknownTimers.map(withoutLength)];
}

function withoutValues({ wire }: LiveProtocol, input: string): string {
  const values = Object.keys(wire.values ?? {}).map((name) => `--value ${name}=<text>`);
  return `${input} is not sent without ${values.join(' ')}`;
}

function withoutLength(timer: string): string {
  return `${timer} is not waited for without --timer ${timer}=<duration>`;
}

/** @throws {ChoiceError} when a name is not allowed. @param kind `setting`, `timer` or `value` */
export function checkChoice(
  kind: string,
  name: string,
  allowed: Readonly<Record<string, unknown>>,
): void {
  if (Object.hasOwn(allowed, name)) return;
  const names = Object.keys(allowed).join(', ');
  const fix = names === '' ? `the protocol has no ${kind}s` : `allowed: ${names}`;
  throw new ChoiceError(`there is no ${kind} ${JSON.stringify(name)}; ${fix}`);
}
