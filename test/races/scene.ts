/** Simulated clients at a real gate. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ServerOptions } from '../../adapters/server/index.js';
import type { WireMessage } from '../../machines/index.js';
import { delay, type Manner, manner, networks, patience } from './arbitraries.js';
import { controlledPair, type Network } from './controlled-pair.js';
import { Interleaving } from './interleaving.js';
import { leftOvers, nothingLeft, RacingGate, type SessionLife, wholeLife } from './racing.js';
import { type Departure, departures, ScriptedPeer } from './scripted-peer.js';

export const register = (referenceId: number): WireMessage => ({
  messageName: 'RequestRegisterClient',
  clientName: 'desk-1',
  clientType: 'AgentApplication',
  referenceId,
});
const status = (referenceId: number): WireMessage => ({
  messageName: 'RequestStatus',
  referenceId,
});

export interface Given {
  readonly patience: number;
  readonly network: Network;
  readonly registrationTimeout: number;
  readonly rejectionTimeout: number;
  readonly manner: Manner;
  readonly says: readonly ('registers' | 'asks' | 'babbles')[];
  readonly departure: Departure;
}

export const givens = (network: fc.Arbitrary<Network> = networks): fc.Arbitrary<Given> =>
  fc.record({
    patience,
    network,
    registrationTimeout: delay,
    rejectionTimeout: delay,
    manner,
    says: fc.array(fc.constantFrom('registers', 'registers', 'asks', 'babbles'), {
      minLength: 1,
      maxLength: 4,
    }),
    departure: fc.constantFrom(...departures),
  });

/** The messages of a client, numbered from 1. */
export const scriptOf = ({ says }: Given): (WireMessage | string)[] =>
  says.map((what, index) =>
    what === 'registers'
      ? register(index + 1)
      : what === 'asks'
        ? status(index + 1)
        : 'not a message',
  );

export class Scene {
  readonly interleaving: Interleaving;
  readonly gate: RacingGate;
  readonly #network: Network;

  constructor(
    order: number,
    given: { readonly patience: number; readonly network: Network },
    options: (interleaving: Interleaving) => ServerOptions,
  ) {
    this.interleaving = new Interleaving(order, given.patience);
    this.#network = given.network;
    this.gate = new RacingGate(this.interleaving, options(this.interleaving));
  }

  /** A simulated client. */
  peer(name = ''): { readonly peer: ScriptedPeer; life(): SessionLife } {
    const pair = controlledPair(this.interleaving, this.#network, name);
    this.gate.accept(pair.gate);
    const peer = new ScriptedPeer(this.interleaving, pair.client);
    return { peer, life: () => this.gate.lifeOn(pair.gate) as SessionLife };
  }

  /** Runs until no task is left, closes the gate, runs on, and checks for leaks. */
  async end(check: () => void): Promise<void> {
    await this.interleaving.rest();
    this.gate.close();
    await this.interleaving.rest();
    try {
      check();
      expect(this.gate.isClosed).toBe(true);
      expect(this.gate.timersLeft).toBe(0);
      expect(leftOvers(this.gate)).toEqual(nothingLeft);
      for (const life of this.gate.lives) expect(life.events.join()).toMatch(wholeLife);
    } catch (error) {
      throw this.interleaving.blame(error);
    }
  }
}

/** The gate's answers, in the order in which it wrote them. */
export const answersOn = ({ connection }: SessionLife): WireMessage[] =>
  connection.written
    .map((one) => JSON.parse(one) as WireMessage)
    .filter(({ referenceId }) => typeof referenceId === 'number');
