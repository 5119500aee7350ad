import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterNode, DirectoryMember } from '../../directory/member.js';

/** Milliseconds that a list is used before the store is asked again. */
const maxAge = 1_000;
/** Milliseconds that the store may take. */
const answerTimeout = 2_000;

/** The gates of the cluster, by the leases in the store. */
export class NodeList {
  readonly #member: DirectoryMember;
  #nodes: readonly ClusterNode[] = [];
  #at = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(member: DirectoryMember) {
    this.#member = member;
  }

  /** The next reader asks the store. */
  renew(): void {
    this.#at = Number.NEGATIVE_INFINITY;
  }

  /** A gate has joined. It is known now, should the store be lost later. */
  joined(node: string): void {
    this.renew();
    if (this.#nodes.some((known) => known.node === node)) return;
    const leaseRemaining = this.#member.directory.lease;
    this.#nodes = [...this.#nodes, { node, leaseRemaining, names: 0 }];
  }

  /** The gates with a live lease; those that were last known while the store does not answer. Never older than a second otherwise. */
  async read(): Promise<readonly ClusterNode[]> {
    if (performance.now() - this.#at > maxAge) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = null;
      });
      // A store that is lost is not waited for.
      const isLost = this.#member.state === 'lost';
      if (!isLost) await Promise.race([this.#reading, delay(answerTimeout, null, { ref: false })]);
    }
    return this.#nodes;
  }

  /** The names of the other gates. */
  async others(): Promise<string[]> {
    const nodes = await this.read();
    return nodes.map(({ node }) => node).filter((node) => node !== this.#member.node);
  }

  async #read(): Promise<void> {
    try {
      this.#nodes = await this.#member.nodes();
      this.#at = performance.now();
    } catch {
      // The store is lost, which the gate reports.
    }
  }
}
