import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatEndpoint } from '../../../adapters/net/transports/index.js';
import { createServer, type GateServer } from '../../../adapters/server/index.js';
import {
  builtInTargets,
  endpointTarget,
  memoryTarget,
  ownTimeouts,
  playFigure,
  runFigures,
} from '../../../adapters/tester/index.js';
import { type FigureId, type FigureRun, figures, findFigure } from '../../../machines/index.js';

const ids: FigureId[] = ['1', '2a', '2b', '2c'];

describe('every figure against everything there is', () => {
  const reported: FigureRun[] = [];
  let runs: FigureRun[] = [];
  beforeAll(async () => {
    runs = await runFigures({ onResult: (run) => reported.push(run) });
  });
  const of = (id: FigureId, target: string) =>
    runs.find((run) => run.figure.id === id && run.target === target);

  describe.each(builtInTargets)('%s', (target) => {
    it.each(ids)('passes figure %s', (id) => {
      const run = of(id, target);
      expect(run?.difference).toBeNull();
      expect(run?.passed).toBe(true);
      expect(run?.arrows.every((arrow) => arrow.verdict === 'ok')).toBe(true);
    });

    it('keeps a registered client past the registration deadline', () => {
      const deadline = target === 'chart' ? 10_000 : ownTimeouts.registrationTimeout;
      expect(of('1', target)?.elapsed).toBeGreaterThan(deadline);
      expect(of('1', target)?.watchedOpen).toBeGreaterThan(0);
    });

    it('disconnects a refused one the rejection timeout after the first error', () => {
      const timeout = target === 'chart' ? 5_000 : ownTimeouts.rejectionTimeout;
      for (const id of ids.slice(1)) {
        expect(Math.abs((of(id, target)?.timeout ?? 0) - timeout)).toBeLessThanOrEqual(250);
      }
    });
  });

  it('is reported in the order of targets and figures, whichever is over first', () => {
    const order = builtInTargets.flatMap((target) => ids.map((id) => `${target} ${id}`));
    expect(runs.map((run) => `${run.target} ${run.figure.id}`)).toEqual(order);
    expect(reported).toEqual(runs);
  });
});

describe('a run', () => {
  it('can be of some figures against some targets', async () => {
    const runs = await runFigures({ figures: ['2b', '1'], targets: ['chart'] });
    expect(runs.map((run) => `${run.figure.id} ${run.target}`)).toEqual(['2b chart', '1 chart']);
  });

  it('says which figure there is not, before anything is played', async () => {
    await expect(runFigures({ figures: ['3' as FigureId] })).rejects.toThrow('unknown figure "3"');
  });
});

describe('a live gate with its default validator', () => {
  let server: GateServer;
  let endpoint: string;
  beforeAll(async () => {
    server = await createServer({
      listen: ['tcp://127.0.0.1:0'],
      registrationTimeout: 900,
      rejectionTimeout: 300,
    });
    const [bound] = server.endpoints;
    endpoint = bound ? formatEndpoint(bound) : '';
  });
  afterAll(() => server.close());

  it('passes every figure without being configured, and its timeout is measured', async () => {
    const runs = await runFigures({ against: endpoint, settle: 1_000 });
    expect(runs.map((run) => run.difference)).toEqual([null, null, null, null]);
    expect(runs.every((run) => run.target === endpoint)).toBe(true);
    for (const { figure, timeout } of runs) {
      if (figure.id === '1') expect(timeout).toBeNull();
      else expect(Math.abs((timeout ?? 0) - 300)).toBeLessThanOrEqual(250);
    }
  });

  it('differs where its timeout is not the one that was promised', async () => {
    const run = await playFigure(findFigure('2a'), endpointTarget(endpoint), {
      rejectionTimeout: 2_000,
    });
    expect(run.difference?.code).toBe('timeout-too-short');
  });

  it('is left with no session when the figures are over', async () => {
    const gone = new Promise((resolve) => server.once('disconnected', resolve));
    await playFigure(findFigure('1'), endpointTarget(endpoint), { settle: 50 });
    await gone;
    expect(server.sessions()).toEqual([]);
  });

  it('is played in memory, in frames as well as in a stream', async () => {
    for (const figure of figures) {
      const run = await playFigure(figure, memoryTarget(server, 'frame'), { settle: 50 });
      expect(run.difference).toBeNull();
      expect(run.target).toBe('memory');
    }
  });
});
