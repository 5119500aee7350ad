import { OptionError } from '../runtime/errors.js';
import { kindOf } from '../runtime/kind-of.js';
import type { GateView } from '../server/index.js';

/** @throws {OptionError} for a value that is not a gate, e.g. a forgotten `await` */
export function checkGate(gate: unknown): void {
  const { sessions, counts, on } = Object(gate) as Partial<GateView>;
  if ([sessions, counts, on].every((method) => typeof method === 'function')) return;
  throw new OptionError('gate', kindOf(gate), 'the gate that createServer returns');
}
