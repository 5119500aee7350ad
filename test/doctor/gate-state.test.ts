import { expect, it } from 'vitest';
import { ControlClient } from '../../adapters/control/client.js';
import { System } from '../../adapters/doctor/index.js';
import { gateState } from '../../adapters/doctor/running/gate-state.js';
import { answering } from './answering.js';

it('The doctor counts all addresses with penalties', async () => {
  const penalties = Array.from({ length: 1_500 }, (_, number) => ({ isEnforced: number < 1_200 }));
  await using server = await answering(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://gate');
    const limit = Number(searchParams.get('limit') ?? 1_000);
    const answers: Record<string, unknown> = {
      '/status': { service: {} },
      '/config': { options: [] },
      '/penalties': { penalties: penalties.slice(0, limit) },
    };
    response.end(JSON.stringify(answers[pathname]));
  });
  const target = { url: new URL(server.url), token: undefined };
  const client = new ControlClient({ target, timeout: 5_000 });
  expect((await gateState(client, new System())).penalized).toBe(1_200);
});
