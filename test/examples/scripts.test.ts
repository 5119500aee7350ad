import { describe, expect, it } from 'vitest';
import { invalid } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { runNode } from '../support/run-node.js';

closeGatesAfterEach();

describe('the bare chart in twenty lines', () => {
  it('runs through the chart without waiting', async () => {
    const { code, stdout } = await runNode(['examples/chart.mjs']);
    expect(stdout.trim().split('\n')).toEqual([
      'connecting',
      'awaiting/registration',
      'refusing/registration',
      'awaiting/rejection',
      'validating/rejection',
      '  the connection ends: rejection-timeout',
      'disconnected',
    ]);
    expect(code).toBe(0);
  });
});

describe('a registration that outlives its process', () => {
  it('has no deadline when XState alone restores it, and the rest of its time with restoreRegistration', async () => {
    const { code, stdout } = await runNode(['examples/persist.mjs']);
    expect(stdout.trim().split('\n')).toEqual([
      'stored: awaiting/registration, 6000 ms left',
      'XState alone, an hour later: awaiting/registration',
      'restored, 4999 ms later: awaiting/registration',
      'the connection ends: registration-timeout',
      'restored, 5000 ms later: disconnected',
    ]);
    expect(code).toBe(0);
  });
});

describe('the client in a script', () => {
  it('registers, sends a request and prints the answer', async () => {
    const { port } = await openGate({
      onMessage: ({ message, reply }) => void reply.ack({ agentId: message.agentId }),
    });
    const { code, stdout } = await runNode(['examples/client.mjs', `tcp://127.0.0.1:${port}`]);
    expect(stdout).toMatch(/^registered as desk-1 in \d+ ms\n/);
    expect(stdout).toContain("agentId: '1001'");
    expect(code).toBe(0);
  });

  it('shows the number and the text of a refusal', async () => {
    const { port } = await openGate({ validator: () => invalid('unknown name') });
    const endpoint = `tcp://127.0.0.1:${port}`;
    const { code, stderr } = await runNode(['examples/client.mjs', endpoint, 'unknown']);
    expect(stderr).toBe('refused with 2: client is not valid: unknown name\n');
    expect(code).toBe(1);
  });
});
