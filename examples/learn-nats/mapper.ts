/** The connection of NATS with a user and a password, as `ixgate learn --mapper` takes it. See docs/protocols.md. */
import type { Wire } from 'ixgate/model';

type Input = 'connect' | 'connect-anonymous' | 'ping' | 'pub' | 'sub' | 'invalid';

export const wire: Wire<Input> = {
  values: { user: 'user name that the server accepts', password: 'its password' },
  without: ({ user, password }) => (user && password ? [] : ['connect']),
  inputs: {
    connect: 'sends CONNECT with user and password',
    'connect-anonymous': 'sends CONNECT without a user',
    ping: 'sends PING',
    pub: 'sends PUB to its subject',
    sub: 'sends SUB of its subject',
    invalid: 'sends an unknown operation',
  },
  greets: true,
  session({ values: { user, password }, number }) {
    const connect = (more: object) => `CONNECT ${JSON.stringify({ verbose: true, ...more })}`;
    // Its own: other connections must not hear it.
    const subject = `ixgate.${number}`;
    const lines: Readonly<Record<Input, string>> = {
      connect: connect({ user, pass: password }),
      'connect-anonymous': connect({}),
      ping: 'PING',
      pub: `PUB ${subject} 5\r\nhello`,
      sub: `SUB ${subject} 1`,
      invalid: 'HELLO',
    };
    let text = '';
    return {
      encode: (input) => new TextEncoder().encode(`${lines[input]}\r\n`),
      decode(bytes) {
        text += new TextDecoder().decode(bytes);
        const complete = text.split('\r\n');
        text = complete.pop() ?? '';
        // The error of `-ERR 'Authorization Violation'`, otherwise the name: without subjects and payloads.
        return complete
          .filter((line) => line !== 'hello')
          .map((line) =>
            line.startsWith('-ERR') ? line.slice(6, -1) : (line.split(' ')[0] ?? ''),
          );
      },
      ambient: (output) =>
        output === 'PING' ? new TextEncoder().encode('PONG\r\n') : output === 'INFO',
    };
  },
};
