/** The connection to the inspector's feed. It connects again after a loss. */

/** Milliseconds before each attempt; the last value repeats. */
const backOff = [500, 1_000, 2_000, 3_000, 5_000] as const;

export interface FeedListener {
  /** A connection is open: what is held of each app comes first. */
  opened(): void;
  /** @param text one or more lines */
  lines(text: string): void;
  /** @param why the reason that the inspector gave; null without one */
  lost(why: string | null): void;
}

export class Feed {
  readonly #url: string;
  readonly #listener: FeedListener;
  #socket: WebSocket | null = null;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(url: string, listener: FeedListener) {
    this.#url = url;
    this.#listener = listener;
    this.#connect();
  }

  /** Reads what is held again, e.g. when the page did not keep up. */
  restart(): void {
    this.#socket?.close();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  readonly #connect = (): void => {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket && !this.#isClosed;
    socket.onopen = () => {
      this.#attempts = 0;
      if (isCurrent()) this.#listener.opened();
    };
    socket.onmessage = ({ data }) => {
      if (isCurrent()) this.#listener.lines(String(data));
    };
    socket.onclose = ({ reason }) => {
      if (!isCurrent()) return;
      this.#socket = null;
      const delay = backOff[Math.min(this.#attempts, backOff.length - 1)];
      this.#attempts += 1;
      this.#timer = setTimeout(this.#connect, delay);
      this.#listener.lost(reason || null);
    };
  };
}
