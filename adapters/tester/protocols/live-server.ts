import type { LiveProtocol } from '../../../machines/engine/kit/define-protocol.js';
import type { ProtocolModel } from '../../../machines/engine/kit/protocol-model.js';
import type { WireValues } from '../../../machines/engine/kit/wire.js';
import type { SystemUnderTest } from '../../../machines/engine/playing/play-suite.js';
import type { ExpectedStep } from '../../../machines/engine/testgen/model.js';
import type { ConnectOptions } from '../../net/transports/index.js';
import { framingOf, openConnection } from './byte-connection.js';
import { LiveSession } from './live-session.js';

export interface LiveServerOptions {
  /** tcp, tls, ws or wss. */
  readonly endpoint: string;
  readonly model: ProtocolModel;
  readonly wire: LiveProtocol['wire'];
  /** Values for the mapper, e.g. credentials. @default {} */
  readonly values?: WireValues | undefined;
  readonly tls?: ConnectOptions['tls'];
  /** Maximum milliseconds of waiting for a connection or an output. @default 2000 */
  readonly responseTimeout?: number | undefined;
  /** Milliseconds in which nothing more may come after an output. @default 30 */
  readonly quietPeriod?: number | undefined;
  /** Milliseconds that an output may come after its deadline. @default the margin of the model */
  readonly margin?: number | undefined;
}

/** An output that the specification allows besides the expected one. */
export interface Variant {
  readonly from: string;
  readonly input: string;
  readonly expected: string;
  readonly observed: string;
}

/** A live server as a system that suites are played against. */
export class LiveServer implements SystemUnderTest {
  readonly #options: LiveServerOptions;
  /** The allowed outputs that the server chose, each once. */
  readonly #variants = new Map<string, Variant>();
  #sessions = 0;

  constructor(options: LiveServerOptions) {
    this.#options = options;
  }

  get variants(): readonly Variant[] {
    return [...this.#variants.values()];
  }

  /** @throws {EndpointError}; {NotReachableError} */
  async start(): Promise<LiveSession> {
    const { endpoint, model, wire, tls, values = {} } = this.#options;
    const { responseTimeout = 2_000, quietPeriod = 30, margin = model.margin } = this.#options;
    const { timers, settings } = model;
    this.#sessions += 1;
    const session = new LiveSession({
      model,
      wire: wire.session({
        settings,
        timers,
        values,
        number: this.#sessions,
        framing: framingOf(endpoint),
      }),
      responseTimeout,
      quietPeriod,
      margin,
      onVariant: (step, observed) => this.#note(step, observed),
    });
    const { subprotocol, frames } = wire;
    const options = { timeout: responseTimeout, tls, subprotocol, frames };
    session.begin(await openConnection(endpoint, options, session));
    return session;
  }

  #note({ from, input, output }: ExpectedStep, observed: string): void {
    const variant: Variant = { from, input, expected: output, observed };
    this.#variants.set(`${from} ${input} ${observed}`, variant);
  }
}
