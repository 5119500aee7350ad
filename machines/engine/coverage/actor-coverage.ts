/** How much of a machine its actors use, counted by an inspector. */
import type { AnyMachineSnapshot, AnyStateMachine, InspectionEvent } from 'xstate';
import type { Edge } from '../table/edges.js';
import { ActorSession, type KnownNames } from './actor-session.js';
import type { GuardOutcome } from './chart-steps.js';
import { ChartCoverage } from './coverage.js';
import { type CoveredPart, coveredPart } from './coverage-parts.js';
import { type Parsed, parseCoverageInto } from './coverage-text.js';
import {
  type ActorSeat,
  actorSeat,
  type CoveredMachine,
  coveredChartOf,
} from './covered-machine.js';
import { knownPartOf } from './known-names.js';
import { MachineParts } from './machine-parts.js';

export interface ChartCoverageOptions {
  /** Called with the first error inside of the inspector; the actors go on. @default console.error */
  readonly onError?: (error: unknown) => void;
}

/** Which items of a machine are covered, part by part. */
export interface ActorParts {
  /** The states without inner states, by path. */
  readonly states: CoveredPart<string>;
  readonly transitions: CoveredPart<Edge>;
  /** Each guard has two results. */
  readonly guards: CoveredPart<GuardOutcome>;
}

/**
 * Counts how much of a machine its actors use.
 *
 *     const coverage = chartCoverage(machine);
 *     createActor(machine, { inspect: coverage.inspect });
 */
export function chartCoverage(
  machine: AnyStateMachine,
  options: ChartCoverageOptions = {},
): ActorCoverage {
  return new ActorCoverage(machine, options);
}

/** Parses the text of a coverage file of a machine (`coverageText`). Never throws. */
export function parseChartCoverage(text: string, machine: AnyStateMachine): Parsed<ActorCoverage> {
  return parseCoverageInto(text, chartCoverage(machine));
}

/** The coverage of a machine. Each actor of the machine that starts is a session. */
export class ActorCoverage extends ChartCoverage<string, Edge, ActorSeat> {
  declare readonly chart: CoveredMachine;
  readonly machine: AnyStateMachine;
  readonly #onError: (error: unknown) => void;
  readonly #names: KnownNames;
  #hasFailed = false;
  readonly #sessions = new WeakMap<object, ActorSession>();
  /** By the logic of an actor; null for other logic. */
  readonly #parts = new WeakMap<object, MachineParts | null>();

  /** See `chartCoverage`. */
  constructor(machine: AnyStateMachine, options: ChartCoverageOptions = {}) {
    const chart = coveredChartOf(machine);
    super(chart);
    this.machine = machine;
    this.#onError = options.onError ?? console.error;
    this.#names = {
      states: new Set(chart.states),
      transitions: new Set(chart.edges.map(({ id }) => id)),
    };
  }

  /**
   * The inspector: `createActor(machine, { inspect: coverage.inspect })`. It counts every actor of the system that runs the machine, also
   * with other implementations (`provide`), or another machine with the same id. It never throws.
   */
  readonly inspect = (event: InspectionEvent): void => {
    try {
      this.#take(event);
    } catch (cause) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      const problem = `the coverage of the machine ${this.chart.machine} is incomplete`;
      this.#report(new Error(problem, { cause }));
    }
  };

  /** A further session, for events that no inspector sees. */
  newSession(): ActorSession {
    return this.#sessionOf(this.#partsOf(this.machine) as MachineParts);
  }

  /** What of the machine is covered. */
  get parts(): ActorParts {
    const { states, transitions, guards } = this.total;
    return {
      states: coveredPart(this.chart.states, (state) => states.get(state)),
      transitions: coveredPart(this.chart.edges, ({ id }) => transitions.get(id)),
      guards: coveredPart(this.chart.guards, ({ id }) => guards.get(id)),
    };
  }

  /** Adds the counts of another coverage of the machine. @throws {RangeError} for a coverage of another machine */
  override merge(other: ChartCoverage<string, Edge, ActorSeat>): this {
    const { machine } = other.chart;
    if (machine !== this.chart.machine) {
      throw new RangeError(
        `a coverage of the machine ${machine} cannot be added to one of the machine ${this.chart.machine}`,
      );
    }
    return this.mergeJson(knownPartOf(other.toJSON(), this.chart));
  }

  #take(event: InspectionEvent): void {
    const actor = event.actorRef;
    switch (event.type) {
      case '@xstate.actor': {
        const parts = this.#partsOf((actor as { logic?: object }).logic);
        if (parts) this.#sessions.set(actor, this.#sessionOf(parts));
        break;
      }
      case '@xstate.event':
        if (event.event.type === 'xstate.init') this.#sessions.get(actor)?.start(snapshotOf(actor));
        else this.#sessions.get(actor)?.queue(event.event, event.sourceRef === actor);
        break;
      case '@xstate.microstep':
        this.#seen(actor)?.microstep(event);
        break;
      case '@xstate.snapshot':
        this.#sessions.get(actor)?.rest(event.event, event.snapshot as AnyMachineSnapshot);
        break;
    }
  }

  /** The session of an actor; a new one for an actor that ran before the inspector was attached. */
  #seen(actor: InspectionEvent['actorRef']): ActorSession | null {
    const known = this.#sessions.get(actor);
    if (known) return known;
    const parts = this.#partsOf((actor as { logic?: object }).logic);
    if (!parts) return null;
    const session = this.#sessionOf(parts);
    session.start(snapshotOf(actor));
    this.#sessions.set(actor, session);
    return session;
  }

  #sessionOf(parts: MachineParts): ActorSession {
    return new ActorSession(this.countsOf(actorSeat), this.#names, parts);
  }

  /** The parts of the logic of an actor; null unless it is this machine. */
  #partsOf(logic: object | undefined): MachineParts | null {
    if (logic === undefined) return null;
    const known = this.#parts.get(logic);
    if (known !== undefined) return known;
    const parts = this.#isThisMachine(logic) ? new MachineParts(logic as AnyStateMachine) : null;
    this.#parts.set(logic, parts);
    return parts;
  }

  /** `provide` keeps the config. A factory makes a config for each actor, with the same id. */
  #isThisMachine(logic: object): boolean {
    const { config, id, root } = logic as Partial<AnyStateMachine>;
    if (config === undefined || root === undefined) return false;
    return config === this.machine.config || (id === this.chart.machine && id !== '(machine)');
  }

  #report(error: Error): void {
    try {
      this.#onError(error);
    } catch {
      // The actors go on in any case.
    }
  }
}

function snapshotOf(actor: InspectionEvent['actorRef']): AnyMachineSnapshot {
  return actor.getSnapshot() as AnyMachineSnapshot;
}
