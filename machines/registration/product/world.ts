/** Where everything is: both seats, what is on its way between them, and what is owed. A world is one number. */

/** `none` before the connect; `lost` when the connection broke: what was on its way is gone, and whatever is said now. */
export const link = { none: 0, up: 1, lost: 2 } as const;

/**
 * A queue of at most three kinds of things as a number, the first in the last digit (base 4): 1, 2 or 3; 0 is an empty queue.
 */
export type Queue = number;

export const lengthOf = (queue: Queue): number => {
  let length = 0;
  for (let left = queue; left > 0; left = Math.floor(left / 4)) length += 1;
  return length;
};
export const firstOf = (queue: Queue): number => queue % 4;
export const withoutFirst = (queue: Queue): Queue => Math.floor(queue / 4);
export const withLast = (queue: Queue, thing: number): Queue =>
  queue + thing * 4 ** lengthOf(queue);

/** What is on its way to the server. */
export const toServer = { valid: 1, invalid: 2, other: 3 } as const;
/** What is on its way to the client. */
export const toClient = { EventAck: 1, EventError: 2, OtherEvent: 3 } as const;
/** What the server's seat owes: the verdict on a client that is valid, on one that is not, or EventError. */
export const owing = { valid: 1, invalid: 2, error: 3 } as const;

/** Numbers and booleans as 0 and 1. */
export interface World {
  link: number;
  /** State of the server's chart. */
  server: number;
  /** The server's timers that run, one bit each. */
  timers: number;
  /** What the server's seat owes, in order. */
  owes: Queue;
  /** Messages that the embedding service has and has not answered. */
  serving: number;
  /** Messages that were read and not answered, as far as somebody still owes an answer. */
  open: number;
  /** A message was read that nobody will answer. */
  isForgotten: number;
  /** The server has said why it closes, and does nothing else any more. */
  isLeaving: number;
  /** The server has registered the client at some time. */
  wasGranted: number;
  serverClosed: number;
  /** State of the client's chart. */
  client: number;
  /** The client waits for an answer, at most its reply timeout. */
  waits: number;
  clientClosed: number;
  /** The client has said something that its chart does not let it say. */
  isRude: number;
  toServer: Queue;
  toClient: Queue;
}

type Field = keyof World;

/** Worlds as numbers and back. */
export class Encoding {
  readonly #fields: readonly (readonly [Field, number])[];

  /** @throws {RangeError} when there are more worlds than numbers. */
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
    const worlds = this.#fields.reduce((product, [, size]) => product * size, 1);
    if (worlds > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(
        `charts of ${server} and ${client} states with ${timers} timers are too large to be checked with a bound of ${bound}`,
      );
    }
  }

  encode(world: World): number {
    let code = 0;
    for (const [field, size] of this.#fields) code = code * size + world[field];
    return code;
  }

  decode(code: number): World {
    const world = {} as World;
    let left = code;
    for (let at = this.#fields.length - 1; at >= 0; at -= 1) {
      const [field, size] = this.#fields[at] as readonly [Field, number];
      world[field] = left % size;
      left = Math.floor(left / size);
    }
    return world;
  }
}

/** More than a correct seat ever owes, so that one that owes too much is seen. */
export const mostOwed = 3;
