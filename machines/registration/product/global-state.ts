/** The state of a whole connection: both seats, the messages in flight and the pending answers. It is encoded as one number. */

/** `none` before the connect; `lost` when the connection broke: messages in flight and all later ones are lost. */
export const link = { none: 0, up: 1, lost: 2 } as const;

/** A queue of items 1, 2 or 3 as a number in base 4; the last digit is the first item, 0 is the empty queue. */
export type Queue = number;

export const lengthOf = (queue: Queue): number => {
  let length = 0;
  for (let left = queue; left > 0; left = Math.floor(left / 4)) length += 1;
  return length;
};
export const firstOf = (queue: Queue): number => queue % 4;
export const withoutFirst = (queue: Queue): Queue => Math.floor(queue / 4);
export const withLast = (queue: Queue, item: number): Queue => queue + item * 4 ** lengthOf(queue);

/** Messages in flight to the server: a request of a valid client, of an invalid one, any other message. */
export const toServer = { valid: 1, invalid: 2, other: 3 } as const;
/** Messages in flight to the client. */
export const toClient = { EventAck: 1, EventError: 2, OtherEvent: 3 } as const;
/** Answers that the server's seat owes: the verdict on a valid client, on an invalid one, or EventError. */
export const owing = { valid: 1, invalid: 2, error: 3 } as const;

/** Numbers; booleans are 0 and 1. */
export interface GlobalState {
  link: number;
  /** State of the server's chart. */
  server: number;
  /** The running timers of the server, one bit each. */
  timers: number;
  /** The answers that the server's seat owes, in order (`owing`). */
  owes: Queue;
  /** Messages that were delivered to the service and are not answered yet. */
  serving: number;
  /** Messages that the server read and that the seat or the service still has to answer. */
  open: number;
  /** The server read a message that will never be answered. */
  isForgotten: number;
  /** The server has sent the reason for closing, and does nothing but close. */
  isLeaving: number;
  /** The server has registered the client at least once. */
  wasGranted: number;
  serverClosed: number;
  /** State of the client's chart. */
  client: number;
  /** The client waits for an answer; its reply timeout runs. */
  waits: number;
  clientClosed: number;
  /** The client has sent a message that its chart does not expect. */
  isRude: number;
  toServer: Queue;
  toClient: Queue;
}

type Field = keyof GlobalState;

/** Encodes global states as numbers and decodes them. */
export class StateEncoding {
  readonly #fields: readonly (readonly [Field, number])[];

  /** @throws {RangeError} when the states need more than the safe integers. */
  constructor(sizes: { server: number; client: number; timers: number; bound: number }) {
    const { server, client, timers, bound } = sizes;
    const channel = 4 ** bound;
    const radix: Record<Field, number> = {
      link: 3,
      server,
      timers: 2 ** timers,
      owes: 4 ** mostOwed,
      serving: bound + 2,
      open: bound + mostOwed + 2,
      isForgotten: 2,
      isLeaving: 2,
      wasGranted: 2,
      serverClosed: 2,
      client,
      waits: 2,
      clientClosed: 2,
      isRude: 2,
      toServer: channel,
      toClient: channel,
    };
    this.#fields = Object.entries(radix) as [Field, number][];
    const states = this.#fields.reduce((product, [, size]) => product * size, 1);
    if (states > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(
        `charts of ${server} and ${client} states with ${timers} timers are too large to be checked with a bound of ${bound}`,
      );
    }
  }

  encode(state: GlobalState): number {
    let code = 0;
    for (const [field, size] of this.#fields) code = code * size + state[field];
    return code;
  }

  decode(code: number): GlobalState {
    const state = {} as GlobalState;
    let left = code;
    for (let at = this.#fields.length - 1; at >= 0; at -= 1) {
      const [field, size] = this.#fields[at] as readonly [Field, number];
      state[field] = left % size;
      left = Math.floor(left / size);
    }
    return state;
  }
}

/** One more than a correct seat ever owes, so that the check finds a seat that owes too much. */
export const mostOwed = 3;
