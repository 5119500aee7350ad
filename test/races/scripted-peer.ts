/** The other end of a controlled connection, scripted by a test. */
import type { WireMessage } from '../../machines/index.js';
import type { ControlledConnection } from './controlled-pair.js';
import type { Interleaving } from './interleaving.js';

/** How a peer disconnects; `never` when it stays. */
export const departures = ['ends its side', 'closes', 'destroys', 'breaks', 'never'] as const;
export type Departure = (typeof departures)[number];

export class ScriptedPeer {
  readonly connection: ControlledConnection;
  /** The received messages. */
  readonly heard: WireMessage[] = [];
  isGone = false;
  readonly #interleaving: Interleaving;
  #rest = '';
  #hasLeft = false;

  /** @param onMessage its reaction to each message */
  constructor(
    interleaving: Interleaving,
    connection: ControlledConnection,
    onMessage: (message: WireMessage) => void = () => {},
  ) {
    this.#interleaving = interleaving;
    this.connection = connection;
    connection.start({
      data: (chunk) => {
        const text = this.#rest + Buffer.from(chunk).toString();
        const lines = text.split('\n');
        this.#rest = connection.framing === 'stream' ? (lines.pop() ?? '') : '';
        for (const line of lines) {
          const message = JSON.parse(line) as WireMessage;
          this.heard.push(message);
          onMessage(message);
        }
      },
      end: () => {
        if (!this.isGone) connection.close('done');
      },
      drain: () => {},
      fault: () => {},
      closed: () => {
        this.isGone = true;
      },
    });
  }

  say(what: WireMessage | string): void {
    const text = typeof what === 'string' ? what : JSON.stringify(what);
    if (this.isGone || this.#hasLeft) return;
    this.connection.write(Buffer.from(this.connection.framing === 'stream' ? `${text}\n` : text));
  }

  /** Sends everything, each message at its own time, and disconnects. */
  play(script: readonly (WireMessage | string)[], departure: Departure): void {
    const [next, ...others] = script;
    this.#interleaving.later(`${this.connection.name} goes on`, () => {
      if (next === undefined) {
        this.leave(departure);
        return;
      }
      this.say(next);
      this.play(others, departure);
    });
  }

  leave(departure: Departure): void {
    if (departure === 'never' || this.isGone) return;
    this.#hasLeft = true;
    if (departure === 'closes') this.connection.close('done');
    else if (departure === 'destroys') this.connection.destroy();
    else if (departure === 'ends its side') this.connection.halfClose();
    else {
      this.connection.break();
      this.connection.peer.break();
    }
  }
}
