import { expect, it } from 'vitest';
import * as browser from '../../adapters/client/browser.js';
import { type ClientOptions, createClient } from '../../adapters/client/browser.js';
import * as node from '../../adapters/client/index.js';

const right: ClientOptions = {
  endpoints: 'ws://127.0.0.1:7005',
  clientName: 'page-1',
  clientType: 'AgentApplication',
};

it('the client of a browser has the public names of that of Node', () => {
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
});

it.each(['tls', 'headers', 'lookup', 'keepAlive'])(
  'a browser refuses the option %s and does not show its value',
  (option) => {
    const change = { [option]: { key: 'PRIVATE' } };
    expect(() => createClient({ ...right, ...change })).toThrow(
      expect.objectContaining({
        code: 'BAD_OPTION',
        option,
        message: `option ${option}: expected no value, because a browser has no such option, not "***"`,
      }),
    );
  },
);

it.each(['tcp://127.0.0.1:7004', 'tls://127.0.0.1:7006'])('a browser refuses %s', (endpoint) => {
  const endpoints = ['ws://127.0.0.1:7005', endpoint];
  expect(() => createClient({ ...right, endpoints })).toThrow(
    expect.objectContaining({
      code: 'BAD_ENDPOINT',
      problem: `a browser has only WebSockets (ws, wss), not ${endpoint.slice(0, 3)}`,
    }),
  );
});

it('a browser checks the other options like Node', () => {
  const codes = [browser.createClient, node.createClient].map((create) => {
    try {
      create({ ...right, replyTimeout: -1 });
    } catch (error) {
      return (error as Error).message;
    }
    return null;
  });
  expect(codes[0]).toContain('replyTimeout');
  expect(codes[0]).toBe(codes[1]);
});
