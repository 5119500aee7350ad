/** Redis with a password: what a connection may do before and after AUTH. See docs/protocols.md. */
import { defineProtocol, type Wire } from 'ixgate/model';
import { setup } from 'xstate';

const machine = setup({
  actions: { refuse() {}, accept() {}, mismatch() {}, pong() {}, close() {} },
}).createMachine({
  id: 'redis-auth',
  initial: 'locked',
  on: { quit: { target: '.closed', actions: ['accept', 'close'] } },
  states: {
    locked: {
      on: {
        ping: { actions: 'refuse' },
        auth: { target: 'open', actions: 'accept' },
        'auth-wrong': { actions: 'mismatch' },
      },
    },
    open: {
      on: {
        ping: { actions: 'pong' },
        auth: { actions: 'accept' },
        'auth-wrong': { actions: 'mismatch' },
      },
    },
    closed: { type: 'final' },
  },
});

type Input = 'ping' | 'auth' | 'auth-wrong' | 'quit';

export const protocol = defineProtocol<Input>({
  name: 'redis-auth',
  title: 'The password of Redis',
  system: 'Redis',
  machine,
  inputs: {
    ping: 'sends PING',
    auth: 'sends AUTH with the password',
    'auth-wrong': 'sends AUTH with another password',
    quit: 'sends QUIT',
  },
  outputs: () => ({
    refuse: 'NOAUTH',
    accept: 'OK',
    mismatch: 'WRONGPASS',
    pong: 'PONG',
    close: 'closed',
  }),
  figures: () => [
    {
      id: 'login',
      title: 'A client logs in',
      source: 'redis.io, commands AUTH, PING and QUIT',
      steps: [
        { input: 'ping', output: 'NOAUTH' },
        { input: 'auth', output: 'OK' },
        { input: 'ping', output: 'PONG' },
        { input: 'quit', output: 'OK closed' },
      ],
    },
  ],
  statements: () => [
    {
      id: 'requirepass',
      sentence: 'without AUTH a client gets NOAUTH',
      edges: ['locked:ping'],
    },
    {
      id: 'AUTH',
      sentence: 'the right password gets OK, another one WRONGPASS',
      edges: ['locked:auth', 'locked:auth-wrong', 'open:auth', 'open:auth-wrong'],
    },
    { id: 'PING', sentence: 'PING gets PONG', edges: ['open:ping'] },
    { id: 'QUIT', sentence: 'the server answers OK and closes', edges: ['redis-auth:quit'] },
  ],
  properties: [
    {
      id: 'auth-first',
      sentence: 'only AUTH opens a connection',
      brokenBy: ({ from, input, to }) => from === 'locked' && to === 'open' && input !== 'auth',
    },
  ],
});

export const wire: Wire<Input> = {
  values: { password: 'the password of the server (requirepass)' },
  without: ({ password }) => (password === undefined ? ['auth'] : []),
  session({ values: { password } }) {
    const lines: Readonly<Record<Input, string>> = {
      ping: 'PING',
      auth: `AUTH ${password}`,
      'auth-wrong': 'AUTH not-the-password',
      quit: 'QUIT',
    };
    let text = '';
    return {
      encode: (input) => new TextEncoder().encode(`${lines[input]}\r\n`),
      decode(bytes) {
        text += new TextDecoder().decode(bytes);
        const complete = text.split('\r\n');
        text = complete.pop() ?? '';
        // `+PONG`, or `-NOAUTH Authentication required.`
        return complete.map((line) => line.slice(1).split(' ')[0] ?? '');
      },
    };
  },
};
