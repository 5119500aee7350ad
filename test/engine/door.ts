/** A door lock with two timers: a protocol that only uses the engine. It imports no file of another protocol. */
import { setup } from 'xstate';
import type { CoveredChart } from '../../machines/engine/coverage/index.js';
import { mealyMachineOf, quiescence } from '../../machines/engine/mealy/index.js';
import type { SimulatedSystem, SimulationModel } from '../../machines/engine/mutation/index.js';
import type { Protocol } from '../../machines/engine/protocol.js';
import {
  type ChartTable,
  type CompiledChart,
  compiledChart,
  type Edge,
  edgesOf,
  exploreMachine,
  stepOf,
  TableRunner,
} from '../../machines/engine/table/index.js';
import type { ExpectedStep, SuiteWords, TestModel } from '../../machines/engine/testgen/index.js';
import type { Clock } from '../../machines/text/clock.js';

export const delays = { autoLock: 5_000, calmDown: 30_000 } as const;
type Delay = keyof typeof delays;

const actions = { unlock() {}, lock() {}, beep() {}, alarm() {}, rattle() {} };
export type DoorAction = keyof typeof actions;

export const doorMachine = setup({ delays, actions }).createMachine({
  id: 'door',
  initial: 'locked',
  states: {
    locked: {
      on: {
        Code: { target: 'unlocked' },
        Wrong: { target: 'suspicious', actions: 'beep' },
        Push: { actions: 'rattle', meta: { unexpected: true } },
      },
    },
    suspicious: {
      after: { calmDown: { target: 'locked' } },
      on: {
        Code: { target: 'unlocked' },
        Wrong: { target: 'alarmed', actions: 'alarm' },
        Push: { actions: 'rattle', meta: { unexpected: true } },
      },
    },
    unlocked: {
      entry: 'unlock',
      after: { autoLock: { target: 'locked', actions: 'lock' } },
      on: {
        Code: { target: 'locked', actions: 'lock' },
        Wrong: { actions: 'beep' },
        Push: {},
      },
    },
    alarmed: { type: 'final' },
  },
});

export const doorTable = exploreMachine(doorMachine);
export const doorInputs = ['Code', 'Wrong', 'Push', quiescence] as const;
export type DoorInput = (typeof doorInputs)[number];

/** A door in simulated time. */
export class SimulatedDoor implements SimulatedSystem<SimulatedDoor> {
  readonly #table: ChartTable;
  #state: string;
  /** The milliseconds left of each running timer. */
  readonly #timers: Map<string, number>;
  #edges: string[] = [];

  constructor(table: ChartTable, from?: SimulatedDoor) {
    this.#table = table;
    this.#state = from ? from.#state : table.initial;
    this.#timers = new Map(from ? from.#timers : []);
  }

  copy(): SimulatedDoor {
    return new SimulatedDoor(this.#table, this);
  }

  get state(): string {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#table.states[this.#state]?.isFinal ?? true;
  }

  get identity(): string {
    const timers = [...this.#timers].map(([timer, left]) => `${timer} ${left}`).sort();
    return [this.#state, ...timers].join(' ');
  }

  get timer(): string | null {
    const [next] = [...this.#timers].sort(([, one], [, other]) => one - other);
    return next?.[0] ?? null;
  }

  get left(): number | null {
    return this.timer === null ? null : (this.#timers.get(this.timer) ?? null);
  }

  /** The transitions taken since the last call. */
  taken(): readonly string[] {
    return this.#edges.splice(0);
  }

  take(input: string): readonly string[] {
    if (this.isClosed) return [];
    const { to, actions, stops, starts, transitions } = stepOf(this.#table, this.#state, input);
    this.#edges.push(...transitions);
    this.#state = to;
    for (const timer of stops) this.#timers.delete(timer);
    for (const timer of starts) this.#timers.set(timer, delays[timer as Delay]);
    if (this.isClosed) this.#timers.clear();
    return actions;
  }

  pass(milliseconds: number): readonly string[] {
    const outputs: string[] = [];
    let rest = milliseconds;
    for (let left = this.left; left !== null && left <= rest; left = this.left) {
      const timer = this.timer as string;
      rest -= left;
      for (const [name, ms] of this.#timers) this.#timers.set(name, ms - left);
      this.#timers.delete(timer);
      outputs.push(...this.take(timer));
    }
    for (const [name, ms] of this.#timers) this.#timers.set(name, ms - rest);
    return outputs;
  }
}

/** The door as a tester sees it. */
export class DoorModel
  implements
    TestModel<DoorInput, { key: 'code' | 'card' }>,
    SimulationModel<DoorInput, SimulatedDoor>
{
  readonly inputs = doorInputs;
  readonly settings = { key: 'code' } as const;
  readonly checkedOutputs = 'every wrong action';
  readonly blindSpots = 'it does not test other moments';
  readonly table = doorTable;

  connect(table: ChartTable = this.table): SimulatedDoor {
    return new SimulatedDoor(table);
  }

  machine() {
    return mealyMachineOf(doorTable);
  }

  isError(output: string): boolean {
    return output.includes('beep');
  }

  apply(input: DoorInput, model: SimulatedDoor, system: SimulatedDoor) {
    const wait = input === quiescence ? (model.left ?? delays.calmDown) : null;
    const outputs = (model === system ? [model] : [model, system]).map((door) =>
      (wait === null ? door.take(input) : door.pass(wait)).join(', '),
    );
    return { output: outputs.at(-1) ?? '' };
  }

  expect(inputs: readonly DoorInput[]): ExpectedStep<DoorInput>[] {
    const door = this.connect();
    return inputs.map((input) => {
      const from = door.state;
      const { output } = this.apply(input, door, door);
      return { input, output, from, to: door.state, edges: door.taken() };
    });
  }
}

export const doorWords: SuiteWords<DoorInput, { key: 'code' | 'card' }> = {
  title: 'A door lock',
  system: 'Door',
  clientDoes: (input) => `does ${input}`,
  serverDoes: (output) => (output === '' ? 'does nothing' : `does ${output}`),
  inputArrow: (input) => ({ label: input, isNote: input === quiescence }),
  outputArrow: (part) => ({ label: part, kind: 'message' }),
  notes: ({ key }) => [`The key is a ${key}.`],
  options: ({ key }) => ` --key ${key}`,
  vitest: () => ({ comment: ['It needs a door.'], code: ["describe('a door', () => {"] }),
};

export const coveredDoor: CoveredChart = {
  states: Object.keys(doorTable.states),
  edges: edgesOf(doorMachine),
  seats: ['door'],
  isFinal: (state) => doorTable.states[state]?.isFinal ?? false,
  isUnexpected: ({ meta }) => (meta as { unexpected?: boolean } | undefined)?.unexpected ?? false,
  table: () => doorTable,
};

export const doorProtocol: Protocol<
  string,
  Edge,
  string,
  DoorInput,
  { key: 'code' | 'card' },
  SimulatedDoor
> = {
  machine: doorMachine,
  timers: delays,
  chart: coveredDoor,
  names: { inputs: doorInputs, states: coveredDoor.states, settings: { key: ['code', 'card'] } },
  words: doorWords,
  model: () => new DoorModel(),
};

/** The runner of a door. It writes down its actions. */
export class DoorRunner extends TableRunner<{ readonly type: string }, string> {
  readonly done: string[] = [];
  readonly #chart: CompiledChart = compiledChart(doorTable);

  constructor(clock: Clock) {
    super(compiledChart(doorTable), clock);
  }

  protected override act(action: string): void {
    this.done.push(action);
  }

  protected override delayOf(timer: string): number {
    return delays[timer as Delay];
  }

  protected override keep(): void {}

  protected override snapshotOf(state: number): string {
    return String(this.#chart.values[state]);
  }
}
