/** `--against`: the running gate that a command asks. */
import type { InspectedConfig } from '../config/index.js';
import { ControlClient, type ControlTarget } from '../control/client.js';
import { UsageError } from './exit-codes.js';
import { adminUrlIn, socketPathIn } from './gate-address.js';

export const againstFlags = '--against [address]';
export const againstDescription =
  'running gate at unix:///path (its --control) or http://host:port (its --admin, with --admin-token); default that of the configuration';

/** Milliseconds without an answer of the gate. */
const timeout = 5_000;

/**
 * The gate of `--against`.
 * @param given the address, or true for that of the configuration, which must be valid: its default may be another gate
 * @throws {UsageError}, and the first problem of the configuration
 */
export function gateAgainst(given: string | true, inspected: InspectedConfig): ControlClient {
  const { config, problems } = inspected;
  const [first] = problems;
  if (given === true && first) throw first;
  const address = given === true ? (config.control ?? config.admin) : given;
  if (address === null) {
    throw new UsageError(
      'the configuration has neither --control nor --admin; name the gate: --against unix:///path or http://host:port',
    );
  }
  return new ControlClient({ target: targetOf(address, config.adminToken), timeout });
}

function targetOf(address: string, token: string | undefined): ControlTarget {
  const socketPath = socketPathIn(address);
  if (socketPath !== undefined) return { socketPath };
  const url = adminUrlIn(address);
  if (url !== null) return { url, token };
  throw new UsageError(
    `--against is ${JSON.stringify(address)}; allowed: unix:///path or http://host:port`,
  );
}
