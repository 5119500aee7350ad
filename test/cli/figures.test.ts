import { describe, expect, test } from 'vitest';
import { renderFigure } from '../../adapters/tester/index.js';
import { figures, figureToMermaid } from '../../machines/index.js';
import { ixgate, serving } from './in-process.js';

describe('figures list and show', () => {
  test('list every figure', async () => {
    const { code, stdout } = await ixgate(['figures', 'list']);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toEqual(
      figures.map(({ id, title }) => `${id.padEnd(3)} ${title}`),
    );
    const machine = await ixgate(['figures', 'list', '--json']);
    expect(JSON.parse(machine.stdout).figures).toHaveLength(figures.length);
  });

  test('show one as text, as Mermaid and as JSON', async () => {
    const figure = figures[3];
    if (!figure) throw new Error('there is no fourth figure');
    expect((await ixgate(['figures', 'show', '2c'])).stdout).toBe(renderFigure(figure));
    expect((await ixgate(['figures', 'show', '2c', '--mermaid'])).stdout).toBe(
      figureToMermaid(figure),
    );
    expect(JSON.parse((await ixgate(['figures', 'show', '2c', '--json'])).stdout)).toEqual(figure);
  });
});

describe('figures run', () => {
  test('plays the chosen figures on the chosen targets', async () => {
    const { code, stdout } = await ixgate(['figures', 'run', '1', '2a', '--on', 'chart,memory,ws']);
    expect(stdout.match(/^ {2}against .*: pass after/gm)).toHaveLength(6);
    expect(stdout).toMatch(/\n6 of 6 passed\n$/);
    expect(code).toBe(0);
  });

  test('plays them against a live server, with one JSON object for each run', async () => {
    await using gate = await serving(['--rejection-timeout', '400ms']);
    const args = ['figures', 'run', '--against', gate.endpoint, '--rejection-timeout', '400ms'];
    const { code, stdout } = await ixgate([...args, '--json']);
    const runs = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(runs.map(({ figure, passed }) => [figure, passed])).toEqual(
      figures.map(({ id }) => [id, true]),
    );
    expect(runs[0].target).toBe(gate.endpoint);
    expect(runs[1].timeoutMs).toBeGreaterThan(350);
    expect(code).toBe(0);
  });

  test('shows the expected and the observed arrow of a difference, exit 6', async () => {
    await using gate = await serving();
    const anyone = '{"clientName":"anyone","clientType":"AgentApplication"}';
    const args = ['figures', 'run', '2a', '--against', gate.endpoint, '--invalid', anyone];
    const { code, stdout } = await ixgate(args);
    expect(stdout).toContain('FAIL');
    expect(stdout).toContain('The server acknowledged a client that is not valid.');
    expect(stdout).toMatch(/\n0 of 1 passed\n$/);
    expect(code).toBe(6);
  });

  test('reports an unreachable server, exit 5', async () => {
    const gate = await serving();
    await gate[Symbol.asyncDispose]();
    const { code, stdout, stderr } = await ixgate(['figures', 'run', '--against', gate.endpoint]);
    expect(stdout).toBe('');
    expect(stderr).toContain(`ixgate: ${gate.endpoint} could not be reached: `);
    expect(code).toBe(5);
  });
});
