/** Redis with a password, and its transactions, as `ixgate learn --mapper` takes it. See docs/protocols.md. */
import type { Wire } from 'ixgate/model';

type Input = 'auth' | 'auth-wrong' | 'ping' | 'multi' | 'exec' | 'quit';

export const wire: Wire<Input> = {
  values: { password: 'the password of the server (requirepass)' },
  without: ({ password }) => (password === undefined ? ['auth'] : []),
  inputs: {
    auth: 'sends AUTH with the password',
    'auth-wrong': 'sends AUTH with another password',
    ping: 'sends PING',
    multi: 'sends MULTI',
    exec: 'sends EXEC',
    quit: 'sends QUIT',
  },
  // It keeps silent clients.
  timing: { horizon: 500 },
  session({ values: { password } }) {
    const lines: Readonly<Record<Input, string>> = {
      auth: `AUTH ${password}`,
      'auth-wrong': 'AUTH not-the-password',
      ping: 'PING',
      multi: 'MULTI',
      exec: 'EXEC',
      quit: 'QUIT',
    };
    let text = '';
    /** The replies of a transaction that are still to come. */
    let inside = 0;
    return {
      encode: (input) => new TextEncoder().encode(`${lines[input]}\r\n`),
      decode(bytes) {
        text += new TextDecoder().decode(bytes);
        const complete = text.split('\r\n');
        text = complete.pop() ?? '';
        return complete.flatMap((line) => {
          if (inside > 0) {
            inside -= 1;
            return [];
          }
          // `*2` begins the replies of a transaction. Their number would make endless states.
          if (line.startsWith('*')) inside = Number(line.slice(1));
          return line.startsWith('*') ? 'ARRAY' : (line.slice(1).split(' ')[0] ?? '');
        });
      },
    };
  },
};
