import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  addMachineOptions,
  type MachineFlags,
  machineFrom,
} from '../../adapters/cli/charts/machine-option.js';

function flagsOf(...args: string[]): MachineFlags {
  const command = addMachineOptions(new Command()).exitOverride();
  return command.parse(args, { from: 'user' }).opts();
}

describe('--machine and --input', () => {
  it('are a file and JSON', () => {
    const flags = flagsOf('--machine', './light.ts#light', '--input', '{"retries":3}');
    expect(flags).toEqual({ machine: './light.ts#light', input: { retries: 3 } });
  });

  it('end the process with the command, also when the module cannot be used', async () => {
    const outcome = { code: 0 };
    await expect(machineFrom('missing.ts', { outcome })).rejects.toThrow('file not found');
    expect(outcome).toEqual({ code: 0, endsProcess: true });
  });

  it('refuse an input that is not JSON, with an example', () => {
    expect(() => flagsOf('--input', '{retries:3}')).toThrow(
      `--input is "{retries:3}"; expected JSON, e.g. --input '{"retries":3}'`,
    );
  });
});
