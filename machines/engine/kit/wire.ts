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
  /**
   * The inputs of a mapper without a protocol, with what a client does, after `the client`. Learning uses them.
   * @default those of the protocol
   */
  readonly inputs?: Readonly<Record<Input, string>>;
  /** What a client sends in WebSocket frames; with `text`, a binary frame of the server is an invalid frame. @default binary */
  readonly frames?: 'text' | 'binary';
  /** The server speaks first: learning waits for its first output, and drops it, before it sends anything. @default false */
  readonly greets?: boolean;
  /** Times of learning that suit the servers of this protocol. @default those of learning */
  readonly timing?: WireTiming;
  /** A new session. */
  session(options: WireOptions<Settings>): WireSession<Input>;
}

/** Times of learning, in milliseconds, each more than 0. */
export interface WireTiming {
  /** Maximum wait for an output. @default ten times the median time of an answer, from 50 to 1000 */
  readonly patience?: number;
  /** How long more outputs may come after one. @default 20 */
  readonly settle?: number;
  /** Maximum wait for a timeout of the server: longer timeouts are not seen. @default 2500 */
  readonly horizon?: number;
  /** Maximum difference between two measurements of one timeout, at most a tenth of the shortest. @default 20 */
  readonly tolerance?: number;
}

export type WireValues = Readonly<Record<string, string | undefined>>;

export interface WireOptions<Settings extends SuiteSettings = SuiteSettings> {
  readonly settings: Settings;
  /** The length of each timer in milliseconds. */
  readonly timers: Readonly<Record<string, number>>;
  readonly values: WireValues;
  /** The number of the session in its run, from 1. */
  readonly number: number;
  /** How bytes arrive: cut anywhere (tcp, tls), or a whole frame each time (ws, wss). */
  readonly framing: 'stream' | 'frame';
}

export interface WireSession<Input extends string = string> {
  /** The bytes that a client sends for an input; empty when it only waits for the output, e.g. for a greeting. */
  encode(input: Input): Uint8Array;
  /** The outputs that are complete with these bytes. An exception makes the output `unreadable`. */
  decode(bytes: Uint8Array): readonly string[];
  /**
   * Whether an output belongs to no input, e.g. a heartbeat: learning hides it, and answers it with the bytes that are returned.
   * @default false for every output
   */
  ambient?(output: string): boolean | Uint8Array;
}
