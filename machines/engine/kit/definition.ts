/** What describes a protocol: its chart, and the words for what a client does and what a tester sees. */
import type { AnyStateMachine } from 'xstate';
import type { SuiteSettings } from '../testgen/model.js';

/** The output of a connection that the server has ended. */
export const closed = 'closed';

/** A description from which `defineProtocol` makes a protocol. */
export interface ProtocolDefinition<
  Input extends string = string,
  Settings extends SuiteSettings = SuiteSettings,
> {
  /** The name in files and reports: `mqtt-connect`. */
  readonly name: string;
  /** The title of its suites: `The connection of MQTT`. */
  readonly title: string;
  /** What is tested, as diagrams call it: `MQTT server`. */
  readonly system: string;
  /** The server of one connection. Its events are the inputs, its delays are named, and its final state is the end of the connection. A function makes the machine of settings. */
  readonly machine: AnyStateMachine | ((settings: Settings) => AnyStateMachine);
  /** What a client does for each event of the machine, after `the client`: `sends PINGREQ`. */
  readonly inputs: Readonly<Record<Input, string>>;
  /**
   * What a tester sees of each action of the machine: a word without spaces, `closed` for the end of the connection, or an empty text. Where
   * the specification leaves a choice, a list: the expected output first, then the others that are allowed.
   */
  outputs(settings: Settings): Readonly<Record<string, string | readonly string[]>>;
  /** The length of each timer of the machine in milliseconds, more than 0. @default {} */
  readonly timers?: Readonly<Record<string, number>>;
  /** The timers whose length each server chooses: it is unknown until a tester states it. @default [] */
  readonly chosenByServer?: readonly string[];
  /** The allowed values of each setting; the first one is the default. @default {} */
  readonly settings?: { readonly [Name in keyof Settings]: readonly Settings[Name][] };
  /** Sessions that the specification describes. @default [] */
  figures?(settings: Settings): readonly ProtocolFigure<Input>[];
  /** What the specification says about the machine's transitions. @default [] */
  statements?(settings: Settings): readonly Statement[];
  /** What holds in every session. @default [] */
  readonly properties?: readonly ProtocolProperty[];
}

/** A time input: nothing is sent until shortly before the deadline, or shortly after it. */
export type TimeInput = 'wait' | 'silence';

/** A session as a specification describes it, from top to bottom. */
export interface ProtocolFigure<Input extends string = string> {
  readonly id: string;
  readonly title: string;
  /** Where the specification describes it. */
  readonly source: string;
  readonly steps: readonly {
    readonly input: Input | TimeInput;
    /** As in suites: the outputs, joined with spaces; empty for nothing. */
    readonly output: string;
  }[];
}

/** A statement of the specification about transitions. */
export interface Statement {
  /** Its number in the specification, or the section where it has none: `section 3.1.4`. */
  readonly id: string;
  /** In our own words. */
  readonly sentence: string;
  /** Ids of the transitions (`Edge`) that it decides, e.g. `awaiting:ping`. */
  readonly edges: readonly string[];
  /** Whether an output breaks it that is not allowed in one of these transitions. @default each of them does */
  brokenBy?(observed: string): boolean;
}

/** A step of the machine, as properties see it. */
export interface CheckedStep {
  readonly from: string;
  /** An event of the machine, or the timer that expired. */
  readonly input: string;
  readonly to: string;
  /** The outputs of its actions, without empty ones. */
  readonly outputs: readonly string[];
  /** The timers that it starts or restarts. */
  readonly starts: readonly string[];
}

/** What holds in every session: no step breaks it; or, with `ends`, each session ends in which the client falls silent. */
export type ProtocolProperty = {
  readonly id: string;
  readonly sentence: string;
} & ({ brokenBy(step: CheckedStep): boolean } | { readonly ends: true });

/** An invalid description of a protocol. The message names the part, the value and the fix. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code = 'BAD_PROTOCOL';

  constructor(protocol: string, problem: string) {
    super(`protocol ${protocol}: ${problem}`);
  }
}
