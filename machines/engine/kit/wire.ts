/** A protocol on the wire: the bytes of each input, and how the answers of a server are recognised. */
import type { SuiteSettings } from '../testgen/model.js';

/** The mapper of a protocol between the inputs and outputs of its chart and bytes. The kit opens and closes the connections. */
export interface Wire<
  Input extends string = string,
  Settings extends SuiteSettings = SuiteSettings,
> {
  /** The name that a client offers over WebSocket, e.g. `mqtt`. @default none */
  readonly subprotocol?: string;
  /** What a tester may state besides settings and timers, e.g. credentials: names with descriptions. @default {} */
  readonly values?: Readonly<Record<string, string>>;
  /** The inputs that cannot be sent without values that are missing; suites leave them out. @default none */
  without?(values: WireValues): readonly Input[];
  /** A new session. */
  session(options: WireOptions<Settings>): WireSession<Input>;
}

export type WireValues = Readonly<Record<string, string | undefined>>;

export interface WireOptions<Settings extends SuiteSettings = SuiteSettings> {
  readonly settings: Settings;
  /** The length of each timer in milliseconds. */
  readonly timers: Readonly<Record<string, number>>;
  readonly values: WireValues;
  /** The number of the session in its run, from 1. */
  readonly number: number;
}

export interface WireSession<Input extends string = string> {
  /** The bytes that a client sends for an input; empty when it only waits for the output, e.g. for a greeting. */
  encode(input: Input): Uint8Array;
  /** The outputs that are complete with these bytes. An exception makes the output `unreadable`. */
  decode(bytes: Uint8Array): readonly string[];
}
