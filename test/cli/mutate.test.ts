import { describe, expect, it } from 'vitest';
import { ixgate } from './in-process.js';

describe('ixgate mutate', { timeout: 60_000 }, () => {
  it('writes JSON: the mutants, then for each criterion the survivors and cases that kill them', async () => {
    const run = await ixgate([
      'mutate',
      '--criterion',
      'w1',
      '--criterion',
      'transitions',
      '--json',
    ]);
    expect(run.code).toBe(0);
    const [mutants, w1, transitions] = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { differing } = mutants;
    expect(mutants.equivalent + differing.all).toBe(mutants.mutants);
    expect(w1).toMatchObject({ criterion: 'w1', killed: { w0: differing.w0, w1: differing.w1 } });
    expect(w1.killed.all).toBeLessThan(differing.all);
    expect(transitions.killed.all).toBeLessThan(w1.killed.all);
    for (const { killed, survivors } of [w1, transitions]) {
      const left = survivors.flatMap(({ mutants }: { mutants: unknown[] }) => mutants);
      expect(killed.all + left.length).toBe(differing.all);
      expect(
        survivors.every(({ difference }: { difference: unknown[] }) => difference.length > 0),
      ).toBe(true);
    }
  });

  it('writes a table, and under each line the surviving mutants', async () => {
    const { code, stdout } = await ixgate(['mutate', '--criterion', 'w0', '--survivors']);
    expect(code).toBe(0);
    const [head, , , names, line, survivor, by] = stdout.split('\n');
    expect(head).toMatch(
      /^\d+ mutants: \d+ are equivalent to the chart, the other \d+ have \d+ different behaviours\.$/,
    );
    expect(names).toMatch(/^criterion +cases +inputs +output .* all +w0 +w1 +w2$/);
    expect(line).toMatch(/^w0 +\d+ +\d+ +(\d+)\/\1 /);
    expect(line?.length).toBe(names?.length);
    expect(survivor).toMatch(/^ {2}[a-z-]+: .+, .+: .+/);
    expect(by).toMatch(/^ {4}killed by [a-z-]+/);
  });

  it('lists the criteria in an error, and explains them in its help', async () => {
    const wrong = await ixgate(['mutate', '--criterion', 'w9']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(
      'there is no criterion "w9"; allowed: states, transitions, pairs',
    );
    const { stdout } = await ixgate(['mutate', '--help']);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });
});
