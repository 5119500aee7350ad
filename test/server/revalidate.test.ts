import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serving } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { lineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

it('T67: revalidate disconnects the registered clients that are not valid any more, and tells them why', async () => {
  const { server, client } = await openGate();
  await using one = await client();
  await one.ask(registerRequest());
  await using other = await client();
  await other.ask(registerRequest({ clientName: 'desk-2' }));
  await using unregistered = await client();
  const reasons: string[] = [];
  server.on('disconnected', (_session, reason) => reasons.push(reason));
  const check = ({ clientName }: { clientName: string }) =>
    clientName === 'desk-2' || ({ valid: false, reason: 'removed' } as const);
  expect(await server.revalidate(check)).toBe(1);
  expect(await one.next()).toMatchObject({
    referenceId: null,
    errorCode: 12,
    errorDescription: 'client is not valid any more: removed',
  });
  expect(await one.next()).toBeNull();
  expect(reasons).toEqual(['revoked']);
  expect(server.counts()).toMatchObject({ registered: 1 });
  expect(unregistered.socket.destroyed).toBe(false);
});

it('T67: a check that throws disconnects no client and is reported', async () => {
  const { server, client } = await openGate();
  await using one = await client();
  await one.ask(registerRequest());
  const problems: Error[] = [];
  server.on('problem', (error) => problems.push(error));
  const broken = () => {
    throw new Error('broken');
  };
  expect(await server.revalidate(broken)).toBe(0);
  expect(problems).toMatchObject([{ message: 'broken' }]);
  expect(server.counts()).toMatchObject({ registered: 1 });
});

it.each([
  ['with --disconnect-removed', ['--disconnect-removed'], 1],
  ['and without it none', [], 2],
])(
  'T67: ixgate serve disconnects clients that the list does not allow any more %s',
  async (_what, args, left) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'clients.json');
    const replace = async (...names: string[]) => {
      await writeFile(`${path}.new`, JSON.stringify({ clients: names.map((name) => ({ name })) }));
      await rename(`${path}.new`, path);
    };
    await replace('desk-1', 'desk-2');
    await using gate = await serving(['--clients', path, ...args]);
    await using one = await lineClient(gate.port);
    await one.ask(registerRequest());
    await using two = await lineClient(gate.port);
    await two.ask(registerRequest({ clientName: 'desk-2' }));
    await replace('desk-2');
    await gate.event('clients-reloaded');
    if (left === 1) {
      expect(await one.next()).toMatchObject({ errorCode: 12 });
      expect(await gate.event('disconnected')).toMatchObject({ clientName: 'desk-1' });
    }
    expect(await two.ask({ messageName: 'X', referenceId: 2 })).toMatchObject({ referenceId: 2 });
    const answer = await one.ask({ messageName: 'X', referenceId: 2 });
    expect(answer).toEqual(left === 1 ? null : expect.objectContaining({ referenceId: 2 }));
  },
);
