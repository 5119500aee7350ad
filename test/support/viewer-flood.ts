import { Child } from './load.js';

export interface ViewerFloodOptions {
  readonly port: number;
  readonly path: string;
  readonly localAddress: string;
  /** The opcode of each frame: 1 for text, 9 for a ping. */
  readonly opcode: number;
  readonly payload: string;
}

export interface ViewerFloodCounts {
  /** Connections, one after the other. */
  readonly visits: number;
  /** Status codes of the answers to upgrades. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly closeCodes: Readonly<Record<string, number>>;
  /** Codes of the problems in the feed's messages. */
  readonly problems: Readonly<Record<string, number>>;
}

/** A viewer in a separate process that floods, and reconnects at once when it is closed; see viewer-flood-child.mjs. */
export class ViewerFlood extends Child {
  static async open(): Promise<ViewerFlood> {
    const flood = new ViewerFlood(['test/support/viewer-flood-child.mjs']);
    await flood.ready();
    return flood;
  }

  start(options: ViewerFloodOptions): Promise<void> {
    return this.ask('start', options);
  }

  stop(): Promise<void> {
    return this.ask('stop');
  }

  /** Since it was opened. */
  counts(): Promise<ViewerFloodCounts> {
    return this.ask('counts');
  }
}
