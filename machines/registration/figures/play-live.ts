/**
 * Plays a figure on a connection to a live server: sends the client's arrows, receives and compares the server's. The
 * connection is an interface; the adapters implement it with sockets, the page with a WebSocket.
 */
import { createActor } from 'xstate';
import { longestDelay, never, systemClock } from '../../text/clock.js';
import type { WireMessage } from '../chart/messages.js';
import { seated } from '../chart/registration.js';
import { Session, type StepRecord } from '../session/step.js';
import { type Comparison, compareFigure } from './comparison.js';
import { arrowsOf, type Figure, type FigureArrow } from './figures.js';
import { measuredTimeout, type ObservedArrow } from './observed.js';
import {
  eventSaid,
  type FigureClients,
  type FigureRun,
  figureClients,
  messageOfArrow,
} from './play.js';

/** How a figure is played against a live server. All durations are in milliseconds. */
export interface LivePlayOptions extends Partial<FigureClients> {
  /** The server's registration deadline, when it is known. */
  readonly registrationTimeout?: number | undefined;
  /**
   * The server's rejection timeout, where known: the disconnect must come that long after the first EventError, with a tolerance of
   * 250 ms or a tenth, whichever is more. Without it any time is accepted and reported.
   */
  readonly rejectionTimeout?: number | undefined;
  /** How long to wait for an answer, and for a disconnect whose timeout is not known. @default 30000 */
  readonly responseTimeout?: number | undefined;
  /**
   * How long to watch after an EventAck that ends a figure: the connection must stay open and silent.
   * @default until a quarter of a second, or a tenth, past the registration deadline when that is known, else 1000
   */
  readonly settle?: number | undefined;
  /**
   * How long the client waits after an answer before its next message; nothing may come meanwhile.
   * @default three fifths of the rejection timeout when that is known (so that a server that restarts it with the second
   *   error is detected), else 100
   */
  readonly pause?: number | undefined;
  /** Called with each step of the client's chart: the tester's view of the session. */
  readonly onStep?: ((step: StepRecord) => void) | undefined;
}

/** An open connection to a server: the part that playing a figure needs. */
export interface FigureConnection {
  /** Milliseconds since the connect. */
  readonly elapsed: number;
  /** The client's own arrow, made now; a message is sent. */
  send(kind: FigureArrow['kind'], message?: WireMessage): ObservedArrow;
  /** The next thing that comes from the server, or null after a timeout in milliseconds. */
  next(timeout: number): Promise<ObservedArrow | null>;
}

/** A queue of received arrows with a way to wait for the next one. */
export class HeardArrows {
  readonly #heard: ObservedArrow[] = [];
  #wake: (() => void) | null = null;

  push(arrow: ObservedArrow): void {
    this.#heard.push(arrow);
    this.#wake?.();
  }

  /** The next arrow, or null after a timeout in milliseconds. */
  async next(timeout: number): Promise<ObservedArrow | null> {
    if (this.#heard.length === 0 && timeout > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(timeout, longestDelay));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    return this.#heard.shift() ?? null;
  }

  /** Ends a pending wait for the next arrow. */
  wake(): void {
    this.#wake?.();
  }
}

/** Tolerance of a timeout on the wire, in milliseconds. */
export function toleranceOf(timeout: number): number {
  return Math.max(250, timeout / 10);
}

/**
 * Plays one figure on an open connection. The run ends at the first difference and contains everything that the server did.
 * @param target the name of the target in the result.
 */
export function playFigureLive(
  figure: Figure,
  connection: FigureConnection,
  target: string,
  options: LivePlayOptions = {},
): Promise<FigureRun> {
  return new Play(figure, connection, target, options).run();
}

class Play {
  readonly #figure: Figure;
  readonly #target: string;
  readonly #connection: FigureConnection;
  readonly #options: LivePlayOptions;
  readonly #responseTimeout: number;
  readonly #clients: FigureClients;
  readonly #seen: ObservedArrow[] = [];
  readonly #steps: StepRecord[] = [];
  readonly #session: Session;
  #referenceId = 0;

  constructor(
    figure: Figure,
    connection: FigureConnection,
    target: string,
    options: LivePlayOptions,
  ) {
    this.#figure = figure;
    this.#target = target;
    this.#connection = connection;
    this.#options = options;
    this.#responseTimeout = options.responseTimeout ?? 30_000;
    const { valid = figureClients.valid, invalid = figureClients.invalid } = options;
    this.#clients = { valid, invalid };
    const delays = { registrationTimeout: never, rejectionTimeout: never };
    const actor = createActor(seated({ actions: {}, delays }), { clock: systemClock });
    this.#session = new Session(actor, {
      session: `figure-${figure.id}`,
      seat: 'tester',
      delays,
      onStep: (step) => {
        this.#steps.push(step);
        options.onStep?.(step);
      },
    });
    actor.start();
  }

  async run(): Promise<FigureRun> {
    const arrows = arrowsOf(this.#figure);
    this.#note(this.#connection.send('connect'));
    for (const arrow of arrows.slice(1)) {
      if (arrow.from === 'Client') {
        await this.#watch(this.#seen.length > 1 ? this.#pause : 0);
        if (this.#isOver()) break;
        this.#referenceId += 1;
        const message = messageOfArrow(arrow, this.#referenceId, this.#clients);
        this.#note(this.#connection.send('message', message));
      } else {
        const heard = await this.#watch(
          arrow.kind === 'disconnect' ? this.#untilDisconnect : this.#responseTimeout,
        );
        if (!heard || this.#isOver()) break;
      }
    }
    const leftOpen = arrows.at(-1)?.kind !== 'disconnect';
    let watchedOpen: number | null = null;
    if (leftOpen && this.#seen.length === arrows.length && !this.#isOver()) {
      const since = this.#connection.elapsed;
      await this.#watch(this.#settle);
      watchedOpen = this.#connection.elapsed - since;
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
    return registrationTimeout + toleranceOf(registrationTimeout) - this.#connection.elapsed;
  }

  /** Waits for a late disconnect longer than the tolerance, to report by how much it is late. */
  get #untilDisconnect(): number {
    const { rejectionTimeout } = this.#options;
    if (rejectionTimeout === undefined) return this.#responseTimeout;
    const error = this.#seen.find(({ message }) => message?.messageName === 'EventError');
    const since = this.#connection.elapsed - (error?.at ?? 0);
    return rejectionTimeout + 2 * toleranceOf(rejectionTimeout) - since;
  }

  /** Waits for the next arrow and records it. */
  async #watch(timeout: number): Promise<ObservedArrow | null> {
    const heard = await this.#connection.next(timeout);
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
    const elapsed = this.#connection.elapsed;
    const comparison = this.#compared(elapsed);
    this.#session.send({ type: 'Disconnected', reason: 'client-closed' });
    return {
      ...comparison,
      figure: this.#figure,
      target: this.#target,
      passed: comparison.difference === null,
      seen: this.#seen,
      elapsed,
      timeout: measuredTimeout(this.#seen),
      watchedOpen,
      steps: this.#steps,
    };
  }
}
