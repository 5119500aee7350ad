import { describe, expect, it } from 'vitest';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

describe('One name on several connections', () => {
  it('T25: is allowed where the validator sets no cap, and each is registered', async () => {
    const { server, client } = await openGate();
    await using one = await client();
    await using other = await client();
    expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(await other.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(server.counts()).toMatchObject({ registered: 2, outcomes: { registered: 2 } });
  });

  it.each([
    ['at once', () => ({ valid: true, cap: 1 }) as const],
    [
      'after different delays',
      () =>
        new Promise<{ valid: true; cap: number }>((resolve) =>
          setTimeout(resolve, Math.random() * 20, { valid: true, cap: 1 }),
        ),
    ],
  ])(
    'T25: of 1,000 claims to a unique name one is granted, decided %s',
    async (_when, validator) => {
      const { server, client } = await openGate({
        validator,
        maxValidations: 1_000,
        maxUnregistered: { from: 2_000, percent: 30, full: 5_000 },
      });
      const clients = await Promise.all(Array.from({ length: 1_000 }, client));
      const answers = await Promise.all(clients.map((one) => one.ask(registerRequest())));
      const names = answers.map((answer) => answer?.messageName);
      expect(names.filter((name) => name === 'EventAck')).toHaveLength(1);
      expect(names.filter((name) => name === 'EventError')).toHaveLength(999);
      expect(answers.find((answer) => answer?.messageName === 'EventError')).toMatchObject({
        errorCode: 9,
        errorDescription: 'name in use: 1 registered under this name already',
      });
      expect(server.counts().registered).toBe(1);

      // The owner disconnects, and the name is released.
      clients[names.indexOf('EventAck')]?.socket.end();
      await expect.poll(() => server.counts().registered).toBe(0);
      const next = clients[names.indexOf('EventError')];
      expect(await next?.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
      for (const { socket } of clients) socket.destroy();
    },
  );
});
