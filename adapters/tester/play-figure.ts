import { createActor } from 'xstate';
import {
  arrowsOf,
  type Comparison,
  compareFigure,
  eventSaid,
  type Figure,
  type FigureClients,
  type FigureRun,
  figureClients,
  measuredTimeout,
  messageOfArrow,
  never,
  type ObservedArrow,
  Session,
  type StepRecord,
  seated,
  systemClock,
} from '../../machines/index.js';
import { type Codec, jsonCodec } from '../wire/index.js';
import { Overheard } from './overheard.js';
import type { FigureTarget } from './target.js';

/** How a figure is played against a live server. All durations are in milliseconds. */
export interface PlayOptions extends Partial<FigureClients> {
  /** The server's registration deadline, when it is known. */
  readonly registrationTimeout?: number | undefined;
  /**
   * The server's rejection timeout, when it is known: the disconnect must then come that long after the first EventError, give
   * or take 250 ms or a tenth, whichever is more. When it is not known any time passes and is reported.
   */
  readonly rejectionTimeout?: number | undefined;
  /** How long to wait for an answer, and for a disconnect whose timeout is not known. @default 30000 */
  readonly patience?: number | undefined;
  /**
   * How long to watch, after an EventAck that ends a figure, that the connection stays open and nothing more comes.
   * @default until a quarter of a second, or a tenth, past the registration deadline when that is known, else 1000
   */
  readonly settle?: number | undefined;
  /**
   * How long the client waits after an answer before it says its next message; nothing may come meanwhile.
   * @default three fifths of the rejection timeout when that is known (so that a server that restarts it with the second
   *   error is found out), else 100
   */
  readonly pause?: number | undefined;
  /** How long connecting may take. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** Longest frame in bytes the server may send. @default 65536 */
  readonly maxFrame?: number | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
}

/** How far off a timeout may be on the wire, in milliseconds. */
export function toleranceOf(timeout: number): number {
  return Math.max(250, timeout / 10);
}

/**
 * Plays one figure against a live server: says the client's arrows, notes what the server says and when it disconnects,
 * and compares. The run stops at the first difference. Whatever the server does is in the run; nothing it does is thrown.
 * @throws {NotReachableError} when there is no connection to play on.
 */
export async function playFigure(
  figure: Figure,
  target: FigureTarget,
  options: PlayOptions = {},
): Promise<FigureRun> {
  const { connectTimeout = 5_000, maxFrame = 65_536, codec = jsonCodec } = options;
  const connection = await target.open({ timeout: connectTimeout, maxFrame });
  const overheard = new Overheard(connection, codec, maxFrame);
  try {
    return await new Play(figure, target, overheard, options).run();
  } finally {
    overheard.close();
  }
}

class Play {
  readonly #figure: Figure;
  readonly #target: FigureTarget;
  readonly #overheard: Overheard;
  readonly #options: PlayOptions;
  readonly #patience: number;
  readonly #clients: FigureClients;
  readonly #seen: ObservedArrow[] = [];
  readonly #steps: StepRecord[] = [];
  readonly #session: Session;
  #referenceId = 0;

  constructor(figure: Figure, target: FigureTarget, overheard: Overheard, options: PlayOptions) {
    this.#figure = figure;
    this.#target = target;
    this.#overheard = overheard;
    this.#options = options;
    this.#patience = options.patience ?? 30_000;
    const { valid = figureClients.valid, invalid = figureClients.invalid } = options;
    this.#clients = { valid, invalid };
    const delays = { registrationTimeout: never, rejectionTimeout: never };
    const actor = createActor(seated({ actions: {}, delays }), { clock: systemClock });
    this.#session = new Session(actor, {
      session: `figure-${figure.id}`,
      seat: 'tester',
      delays,
      onStep: (step) => this.#steps.push(step),
    });
    actor.start();
  }

  async run(): Promise<FigureRun> {
    const arrows = arrowsOf(this.#figure);
    this.#note(this.#overheard.said('connect'));
    for (const arrow of arrows.slice(1)) {
      if (arrow.from === 'Client') {
        await this.#watch(this.#seen.length > 1 ? this.#pause : 0);
        if (this.#isOver()) break;
        this.#referenceId += 1;
        const message = messageOfArrow(arrow, this.#referenceId, this.#clients);
        this.#note(this.#overheard.said('message', message));
      } else {
        const heard = await this.#watch(
          arrow.kind === 'disconnect' ? this.#untilDisconnect : this.#patience,
        );
        if (!heard || this.#isOver()) break;
      }
    }
    const leftOpen = arrows.at(-1)?.kind !== 'disconnect';
    let watchedOpen: number | null = null;
    if (leftOpen && this.#seen.length === arrows.length && !this.#isOver()) {
      const since = this.#overheard.elapsed;
      await this.#watch(this.#settle);
      watchedOpen = this.#overheard.elapsed - since;
    }
    return this.#result(watchedOpen);
  }

  get #pause(): number {
    const { pause, rejectionTimeout } = this.#options;
    return pause ?? (rejectionTimeout === undefined ? 100 : rejectionTimeout * 0.6);
  }

  get #settle(): number {
    const { settle, registrationTimeout } = this.#options;
    if (settle !== undefined) return settle;
    if (registrationTimeout === undefined) return 1_000;
    return registrationTimeout + toleranceOf(registrationTimeout) - this.#overheard.elapsed;
  }

  /** A disconnect that is late is waited for a little longer than allowed, to say by how much. */
  get #untilDisconnect(): number {
    const { rejectionTimeout } = this.#options;
    if (rejectionTimeout === undefined) return this.#patience;
    const error = this.#seen.find(({ message }) => message?.messageName === 'EventError');
    const since = this.#overheard.elapsed - (error?.at ?? 0);
    return rejectionTimeout + 2 * toleranceOf(rejectionTimeout) - since;
  }

  /** Waits for what comes next and notes it. */
  async #watch(patience: number): Promise<ObservedArrow | null> {
    const heard = await this.#overheard.next(patience);
    if (heard) this.#note(heard);
    return heard;
  }

  #note(arrow: ObservedArrow): void {
    this.#seen.push(arrow);
    const { kind, from, message } = arrow;
    if (kind === 'connect') this.#session.send({ type: 'Connected' });
    else if (message) this.#session.send(eventSaid(from, message));
    else {
      const reason = kind === 'fault' ? 'protocol-error' : 'peer-closed';
      this.#session.send({ type: 'Disconnected', reason });
    }
  }

  #isOver(): boolean {
    return this.#compared().difference !== null;
  }

  #compared(watched?: number): Comparison {
    const { rejectionTimeout: expected } = this.#options;
    return compareFigure(this.#figure, this.#seen, {
      ...(watched !== undefined && { watched }),
      ...(expected !== undefined && { timeout: { expected, tolerance: toleranceOf(expected) } }),
    });
  }

  #result(watchedOpen: number | null): FigureRun {
    const elapsed = this.#overheard.elapsed;
    const comparison = this.#compared(elapsed);
    this.#session.send({ type: 'Disconnected', reason: 'client-closed' });
    return {
      ...comparison,
      figure: this.#figure,
      target: this.#target.name,
      passed: comparison.difference === null,
      seen: this.#seen,
      elapsed,
      timeout: measuredTimeout(this.#seen),
      watchedOpen,
      steps: this.#steps,
    };
  }
}
