/** Measurements that the tests of floods and their soak share, at different sizes. */
import { expect } from 'vitest';
import type { ServerOptions } from '../../adapters/server/index.js';
import { GateChild, type Handles, Load, slope } from './load.js';

/** Open resources of a gate without clients. */
export interface Rest extends Handles {
  /** Bytes in use after a garbage collection. */
  readonly heap: number;
  /** Sessions of the gate. */
  readonly open: number;
}

async function restOf(gate: GateChild): Promise<Rest> {
  const { open } = await gate.empty();
  const { heap, external } = await gate.memory();
  return { ...(await gate.handlesAtRest()), heap: heap + external, open };
}

const comings = ['reset', 'reset while asking', 'leave', 'register and drop'] as const;

/** Clients connect and reset, or register and drop, for a while; each kind at full speed. The gate is idle before and after. */
export async function churn({ milliseconds, warmUp }: { milliseconds: number; warmUp: number }) {
  await using gate = await GateChild.open();
  await using load = await Load.open();
  const { port } = gate;
  const all = async (during: number) => {
    const came = await Promise.all(
      comings.map((behaviour, kind) =>
        load.run(behaviour, {
          port,
          sources: { first: `127.0.${kind + 1}.1`, addresses: 250 },
          atOnce: 8,
          milliseconds: during,
        }),
      ),
    );
    expect(came.flatMap(({ outcomes }) => Object.keys(outcomes)).sort()).toEqual([
      'left',
      'registered',
      'reset',
      'reset',
    ]);
    return came.reduce((sum, { rate, seconds }) => sum + Math.round(rate * seconds), 0);
  };
  await all(warmUp);
  const before = await restOf(gate);
  const clients = await all(milliseconds);
  const after = await restOf(gate);
  expect(await gate.problems()).toEqual([]);
  expect(await gate.warnings()).toEqual([]);
  return { clients, before, after };
}

/** Rejections per client; one more and it would be disconnected. */
const times = 15;

/** Limits and penalties apply to the unregistered clients; each has a separate address. */
const remembered: ServerOptions = { exempt: ['127.0.0.0/24'] };

/** Causes rejected registrations, `times` per connection. */
export async function refusals({
  count,
  rounds,
  warmUp,
}: {
  count: number;
  rounds: number;
  /** Warm-up connections, each rejected once; 65,536 fill the tables of addresses. */
  warmUp: number;
}) {
  await using gate = await GateChild.open(remembered);
  await using load = await Load.open();
  const { port } = gate;
  const each = Math.ceil(count / times / rounds);
  let come = 0;
  const refuse = async (connections: number, more: { times: number }) => {
    const { outcomes } = await load.run('be refused', {
      port,
      sources: {
        first: `127.${1 + (come >> 16)}.${(come >> 8) & 255}.${come & 255}`,
        addresses: connections,
      },
      atOnce: 16,
      count: connections,
      ...more,
    });
    expect(outcomes).toEqual({ refused: connections });
    come += connections;
  };
  const inUse = async () => {
    await gate.empty();
    const { heap, external } = await gate.memory();
    return heap + external;
  };
  const fresh = await inUse();
  await refuse(warmUp, { times: 1 });
  const warm = await inUse();
  const bytes = [warm];
  for (let round = 0; round < rounds; round += 1) {
    await refuse(each, { times });
    bytes.push(await inUse());
  }
  const { errors, outcomes } = await gate.counts();
  expect(errors['invalid-client']).toBe(warmUp + each * times * rounds);
  expect(outcomes.refused).toBe(warmUp + each * rounds);
  return {
    /** Rejected registrations after the warm-up. */
    refused: each * times * rounds,
    /** Bytes in use after the warm-up, and after each round. */
    bytes,
    /** Memory of the tables of addresses and of the started program. */
    warmUpBytes: warm - fresh,
    /** The largest difference to the value after the warm-up. */
    furthest: Math.max(...bytes.map((one) => Math.abs(one - warm))),
    bytesPerRefusal: slope(bytes) / (each * times),
  };
}
