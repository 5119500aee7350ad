import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkedProperties, parseRecording, seededFaults } from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';
import { ixgate } from './in-process.js';

describe('check', () => {
  test('prints the size of the search and that each property holds, exit 0', async () => {
    const { code, stdout, stderr } = await ixgate(['check', '--bound', '2']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^[\d,]+ states and [\d,]+ transitions in \d+\.\d s, at most 2 messages in transit in each direction\n/,
    );
    for (const { id, sentence } of checkedProperties) {
      expect(stdout).toContain(`holds     ${id.padEnd(10)}  ${sentence}\n`);
    }
    expect(stdout).toMatch(/\n10 of 10 properties hold\n$/);
    expect(code).toBe(0);
  });

  test('explores tens of thousands of states without --bound, as JSON', async () => {
    const { code, stdout } = await ixgate(['check', '--json']);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ bound: 3 });
    expect(result.states).toBeGreaterThan(50_000);
    expect(result.seconds).toBeGreaterThan(0);
    expect(result.results.map(({ id }: { id: string }) => id)).toEqual(
      checkedProperties.map(({ id }) => id),
    );
    expect(code).toBe(0);
  });

  test('draws the counterexample of a fault and records it, exit 6', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'counterexample.jsonl');
    const args = ['check', '--bound', '1', '--fault', 'error-is-a-yes', '--record', file];
    const { code, stdout } = await ixgate(args);
    expect(stdout).toMatch(/^error-is-a-yes {2}The client treats EventError as EventAck\.\n/);
    expect(stdout).toMatch(/VIOLATED {2}agreement .*\n\n {2}Client {10}.*Interaction Server\n/);
    expect(stdout).toContain(`recorded in ${file}: 4 sessions; see them with ixgate viz ${file}\n`);
    const { steps, problems } = parseRecording(await readFile(file, 'utf8'));
    expect(problems).toEqual([]);
    expect(new Set(steps.map(({ session }) => session))).toEqual(
      new Set(
        ['agreement', 'settled'].flatMap((id) => [
          `error-is-a-yes-${id}-server`,
          `error-is-a-yes-${id}-client`,
        ]),
      ),
    );
    expect(code).toBe(6);
  });

  test('records nothing where there is no counterexample', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'nothing.jsonl');
    const { code, stdout } = await ixgate(['check', '--bound', '1', '--record', file]);
    expect(stdout).toMatch(/\nnothing was recorded: there is no counterexample\n$/);
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(code).toBe(0);
  });

  test('shows that each fault violates its property', async () => {
    const { code, stdout } = await ixgate(['check', '--faults', '--bound', '1']);
    for (const { id, breaks } of seededFaults) {
      expect(stdout).toMatch(new RegExp(`^found {3}${id} +${breaks} +\\d+ steps  `, 'm'));
    }
    expect(stdout).toMatch(
      new RegExp(`\\n${seededFaults.length} of ${seededFaults.length} found\\n$`),
    );
    expect(code).toBe(0);
  });

  test.each([
    [['--bound', '0'], '--bound is "0"; allowed: a whole number from 1 to 4'],
    [['--fault', 'nix'], 'unknown fault "nix"; allowed: stray-ack-stops-clock, '],
    [['--faults', '--fault', 'reads-on'], "option '--faults' cannot be used with option '--fault"],
    [['--bound', '1', '--fault', 'reads-on', '--record', '/'], 'cannot write /: '],
  ])('refuses %j, exit 2', async (args, message) => {
    const { code, stdout, stderr } = await ixgate(['check', ...args]);
    expect(stdout).toBe('');
    expect(stderr).toContain(`ixgate: ${message}`);
    expect(code).toBe(2);
  });
});
