/** The server as a tester sees it: what is to be expected of each input, and what is seen of a server with a mistake. */
import {
  type ChartTable,
  type MealyMachine,
  quiescence,
  registrationTable,
} from '../../engine/mealy/index.js';
import { defaultDelays, type SeatDelays } from '../chart/seat.js';
import { kindOf, type ServerInput, type ServiceAnswer, serverInputNames } from './inputs.js';
import { type Seen, SimulatedServer } from './simulated-server.js';

export interface ServerModelOptions {
  /** @default registrationTable() */
  readonly table?: ChartTable;
  /** Milliseconds. @default defaultDelays */
  readonly delays?: SeatDelays;
  /** Milliseconds before and after a deadline within which nothing is said about it. @default a tenth of the shorter delay */
  readonly margin?: number;
  /** @default ack */
  readonly answers?: ServiceAnswer;
  /** The inputs that are played. @default all */
  readonly inputs?: readonly ServerInput[];
}

/** One input of a case and what the model does with it. */
export interface ExpectedStep {
  readonly input: ServerInput;
  /** What is seen of the server, in order, as one text: `EventError`, `EventError closed`, empty for nothing. */
  readonly output: string;
  /** The configuration before and after. */
  readonly from: string;
  readonly to: string;
  /** The transitions of the chart that are taken (ids of `Edge`). */
  readonly edges: readonly string[];
}

/** The server that the chart describes, as the tester of one connection sees it. Deterministic; just connected at first. */
export class ServerModel {
  readonly inputs: readonly ServerInput[];
  readonly delays: SeatDelays;
  readonly margin: number;
  readonly answers: ServiceAnswer;
  readonly #table: ChartTable;

  constructor(options: ServerModelOptions = {}) {
    const { table = registrationTable(), delays = defaultDelays, answers = 'ack' } = options;
    this.#table = table;
    this.delays = delays;
    this.answers = answers;
    const { registrationTimeout, rejectionTimeout } = delays;
    this.margin = options.margin ?? Math.min(registrationTimeout, rejectionTimeout) / 10;
    this.inputs = options.inputs ?? serverInputNames;
  }

  /** A connection to this server, or to one that runs another chart. */
  connect(table: ChartTable = this.#table): SimulatedServer {
    const server = new SimulatedServer({ table, delays: this.delays, answers: this.answers });
    server.taken();
    return server;
  }

  /** What is to be seen for some inputs, one after the other. */
  expect(inputs: readonly ServerInput[]): ExpectedStep[] {
    const server = this.connect();
    return inputs.map((input) => {
      const from = server.state;
      const { output } = this.apply(input, server, server);
      return { input, output, from, to: server.state, edges: server.taken() };
    });
  }

  /**
   * Gives an input to a server and, where it is another, to the model beside it: what time means is the model's to say, because the
   * tester knows no other deadline.
   * @returns what is seen of the server, and what of the model.
   */
  apply(
    input: ServerInput,
    model: SimulatedServer,
    server: SimulatedServer,
  ): { readonly output: string; readonly expected: string } {
    const both = model === server ? [model] : [model, server];
    const pass = (milliseconds: number) => {
      for (const one of both) one.pass(milliseconds);
    };
    const seen = () => both.map((one) => textOf(one.seen()));
    if (kindOf(input) !== 'time') {
      for (const one of both) one.say(input);
      return result(seen());
    }
    const { left } = model;
    if (input === 'wait') {
      pass(left === null ? this.margin : Math.max(0, left - this.margin));
      return result(seen());
    }
    const { registrationTimeout, rejectionTimeout } = this.delays;
    pass((left ?? Math.max(registrationTimeout, rejectionTimeout)) - this.margin);
    const early = seen().map((text) => (text === '' ? '' : `early ${text}`));
    pass(2 * this.margin);
    const onTime = seen();
    return result(early.map((text, at) => [text, onTime[at]].filter(Boolean).join(' ')));
  }

  /** The inputs with which a server first differs from the model, up to and with the one that shows it; null when none does. */
  difference(inputs: readonly ServerInput[], table: ChartTable): number | null {
    const model = this.connect();
    const server = this.connect(table);
    for (const [at, input] of inputs.entries()) {
      const { output, expected } = this.apply(input, model, server);
      if (output !== expected) return at;
    }
    return null;
  }

  /**
   * The model as a finite machine: its states are the configurations at rest, a new connection is the reset. What silence gives has the
   * name of the deadline in it: on the wire it is told by when the server disconnects.
   */
  machine(): MealyMachine {
    const found = new Map([[this.connect().state, this.connect()]]);
    const steps = new Map<string, { to: string; output: string }>();
    for (const [state, server] of found) {
      for (const input of this.inputs) {
        const next = server.copy();
        const { output } = this.apply(input, next, next);
        steps.set(`${state} ${input}`, {
          to: next.state,
          output: withDeadline(input, output, server.timer),
        });
        if (!found.has(next.state)) found.set(next.state, next);
      }
    }
    return {
      initial: this.connect().state,
      states: [...found.keys()],
      inputs: this.inputs,
      step: (state, input) => steps.get(`${state} ${input}`) ?? { to: state, output: '' },
      isTerminal: (state) => found.get(state)?.isClosed ?? false,
    };
  }
}

/**
 * What an input gives, with the name of the deadline that was waited for: which one it was the tester knows.
 * @param timer that ran when the input was given.
 */
export function withDeadline(input: ServerInput, output: string, timer: string | null): string {
  return input === quiescence && output !== '' ? `${output} (${timer ?? 'no deadline'})` : output;
}

function textOf(seen: readonly Seen[]): string {
  return seen.map(({ output }) => output).join(' ');
}

function result([expected = '', output = expected]: readonly string[]) {
  return { expected, output };
}
