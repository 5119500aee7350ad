import { describe, expect, it } from 'vitest';
import {
  compareFigure,
  figures,
  findFigure,
  pathOf,
  playFigureOnChart,
} from '../../../machines/index.js';

describe('a figure played on the chart', () => {
  it.each(figures)('$id passes, and takes the path it claims', (figure) => {
    const run = playFigureOnChart(figure);
    expect(run.difference).toBeNull();
    expect(run.passed).toBe(true);
    expect(run.arrows.map((arrow) => arrow.verdict)).toEqual(
      figure.steps.flatMap((step) => (step.kind === 'note' ? [] : ['ok'])),
    );
    expect(run.steps.flatMap((step) => step.transition)).toEqual(pathOf(figure));
    expect(run.target).toBe('chart');
  });

  it.each(['2a', '2b', '2c'])('%s ends exactly the timeout after the first EventError', (id) => {
    const run = playFigureOnChart(findFigure(id));
    expect(run.timeout).toBe(5_000);
    expect(run.steps.at(-1)).toMatchObject({
      name: 'rejectionTimeout',
      reason: 'rejection-timeout',
    });
    expect(
      playFigureOnChart(findFigure(id), {
        delays: { registrationTimeout: 40, rejectionTimeout: 900 },
      }).timeout,
    ).toBe(900);
  });

  it('1 is still registered a day later', () => {
    const run = playFigureOnChart(findFigure('1'));
    expect(run.watchedOpen).toBe(86_400_000);
    expect(run.steps.at(-1)?.to).toBe('registered');
    expect(run.elapsed).toBeGreaterThan(86_400_000);
  });

  it('gives the step record of every arrow, in order', () => {
    const { steps } = playFigureOnChart(findFigure('2c'));
    expect(steps.map((step) => `${step.seq} ${step.direction ?? step.kind} ${step.name}`)).toEqual([
      '1 lifecycle Connected',
      '2 in RequestRegisterClient',
      '3 out EventError',
      '4 in RequestAgentLogin',
      '5 out EventError',
      '6 timer rejectionTimeout',
    ]);
  });

  it('differs where the server knows the client that the figure calls not valid', () => {
    const run = playFigureOnChart(findFigure('2a'), {
      invalid: { clientName: 'ixgate-figures', clientType: 'AgentApplication' },
    });
    expect(run.passed).toBe(false);
    expect(run.difference).toMatchObject({
      code: 'wrong-message',
      index: 2,
      expected: 'EventError',
      came: 'EventAck (reference id 1)',
      sentence: 'The server acknowledged a client that is not valid.',
    });
    expect(run.arrows.map((arrow) => arrow.verdict)).toEqual([
      'ok',
      'ok',
      'differs',
      'not-reached',
    ]);
  });

  it('differs where the chart takes another path than the figure claims', () => {
    const { seen } = playFigureOnChart(findFigure('2a'));
    const strayed = seen.map((arrow, index) =>
      index === 2 ? { ...arrow, transition: ['validating:EventError'] } : arrow,
    );
    expect(compareFigure(findFigure('2a'), strayed).difference).toMatchObject({
      code: 'wrong-path',
      sentence:
        'The chart took validating:EventError; the figure claims validating:EventError + registration:EventError.',
    });
  });
});
