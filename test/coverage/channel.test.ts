import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, expect, test } from 'vitest';
import { createClient } from '../../adapters/client/index.js';
import { endpointTarget, playFigure } from '../../adapters/tester/index.js';
import { Coverage, findFigure, type StepRecord } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';

closeGatesAfterEach();

const heard: StepRecord[] = [];
const listener = (step: unknown) => void heard.push(step as StepRecord);
afterEach(() => {
  unsubscribe('ixgate:step', listener);
  heard.length = 0;
});

test('Gates, clients and testers of a process publish their steps on ixgate:step', async () => {
  const { server, port } = await openGate();
  subscribe('ixgate:step', listener);
  const told: StepRecord[] = [];
  server.on('step', (step) => told.push(step));
  const endpoint = `tcp://127.0.0.1:${port}`;
  const client = createClient({
    endpoints: [endpoint],
    clientName: 'desk-1',
    clientType: 'AgentApplication',
  });
  client.on('step', (step) => told.push(step));
  await client.registered;
  await client.close();
  const run = await playFigure(findFigure('1'), endpointTarget(endpoint), { settle: 0 });
  await server.close();
  const of = (steps: readonly StepRecord[], seat: string) =>
    steps.filter((step) => step.seat === seat);
  expect(of(heard, 'server')).toEqual(of(told, 'server'));
  expect(of(heard, 'client')).toEqual(of(told, 'client'));
  expect(of(heard, 'tester')).toEqual(run.steps);
  const coverage = new Coverage();
  for (const step of heard) coverage.add(step);
  expect(coverage.seats).toEqual(['server', 'client', 'tester']);
  expect(coverage.of('server').sessions).toBe(2);
  for (const seat of coverage.seats)
    expect(coverage.of(seat).transitions.get('validating:EventAck')).toBeGreaterThan(0);
});

test('Steps are not published after the last listener has gone', async () => {
  subscribe('ixgate:step', listener);
  unsubscribe('ixgate:step', listener);
  // The vitest run may listen itself, to measure coverage.
  expect(channel('ixgate:step').hasSubscribers).toBe(Boolean(process.env.IXGATE_COVERAGE));
  const { client } = await openGate();
  await using desk = await client();
  await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 1 });
  expect(heard).toEqual([]);
});
