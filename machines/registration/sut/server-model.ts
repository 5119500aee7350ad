/** The server as a tester sees it: the expected output of each input, for the chart or for a chart with a mistake. */
import { type MealyMachine, withTimer } from '../../engine/mealy/mealy-machine.js';
import type { ChartTable } from '../../engine/table/table.js';
import type { ExpectedStep as EngineExpectedStep, TestModel } from '../../engine/testgen/model.js';
import type { SimulationModel } from '../../engine/testgen/simulation.js';
import { registrationTable } from '../chart/registration-table.js';
import { defaultDelays, type SeatDelays } from '../chart/seat.js';
import { kindOf, type ServerInput, type ServiceAnswer, serverInputNames } from './inputs.js';
import { type Seen, SimulatedServer } from './simulated-server.js';

/** The settings of a suite for a server. */
export type ServerSettings = { readonly answers: ServiceAnswer };

export interface ServerModelOptions {
  /** @default registrationTable() */
  readonly table?: ChartTable;
  /** Milliseconds. @default defaultDelays */
  readonly delays?: SeatDelays;
  /** Tolerance before and after a deadline, in milliseconds. @default a tenth of the shorter delay */
  readonly margin?: number;
  /** @default ack */
  readonly answers?: ServiceAnswer;
  /** The alphabet. @default all inputs */
  readonly inputs?: readonly ServerInput[];
}

/** One input of a case and the expected output of the server; its states are configurations. */
export type ExpectedStep = EngineExpectedStep<ServerInput>;

/** The server that the chart describes, as the tester of one connection sees it. It is deterministic and starts with a new connection. */
export class ServerModel
  implements TestModel<ServerInput, ServerSettings>, SimulationModel<ServerInput, SimulatedServer>
{
  readonly inputs: readonly ServerInput[];
  readonly delays: SeatDelays;
  readonly margin: number;
  readonly answers: ServiceAnswer;
  readonly table: ChartTable;
  readonly blindSpots =
    'it does not test behaviour between connections, messages in pieces or before the previous answer, the content of messages beyond their kind, or moments other than shortly before and after a deadline';

  constructor(options: ServerModelOptions = {}) {
    const { table = registrationTable(), delays = defaultDelays, answers = 'ack' } = options;
    this.table = table;
    this.delays = delays;
    this.answers = answers;
    const { registrationTimeout, rejectionTimeout } = delays;
    this.margin = options.margin ?? Math.min(registrationTimeout, rejectionTimeout) / 10;
    this.inputs = options.inputs ?? serverInputNames;
  }

  get settings(): ServerSettings {
    return { answers: this.answers };
  }

  get checkedOutputs(): string {
    return this.answers === 'any'
      ? 'every wrong output except the answers of the service'
      : 'every wrong output';
  }

  isError(output: string): boolean {
    return output.includes('EventError');
  }

  /** A connection to this server, or to a server that runs another chart. */
  connect(table: ChartTable = this.table): SimulatedServer {
    const server = new SimulatedServer({ table, delays: this.delays, answers: this.answers });
    server.taken();
    return server;
  }

  /** The expected steps for a sequence of inputs. */
  expect(inputs: readonly ServerInput[]): ExpectedStep[] {
    const server = this.connect();
    return inputs.map((input) => {
      const from = server.state;
      const { output } = this.apply(input, server, server);
      return { input, output, from, to: server.state, edges: server.taken() };
    });
  }

  /**
   * Gives an input to the model and to a server, which may be the model itself. The deadlines of the model decide how long time inputs
   * last, because the tester knows no other deadlines.
   * @returns the output of the server, and the expected output of the model.
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
      for (const one of both) one.send(input);
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

  /** The index of the first input for which the output of a server differs from the model; null when no output differs. */
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
   * The model as a Mealy machine. Its states are the configurations at rest; a new connection is the reset. The output of quiescence
   * names the deadline, which a tester recognizes by the time of the disconnect.
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
          output: withTimer(input, output, server.timer),
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

function textOf(seen: readonly Seen[]): string {
  return seen.map(({ output }) => output).join(' ');
}

function result([expected = '', output = expected]: readonly string[]) {
  return { expected, output };
}
