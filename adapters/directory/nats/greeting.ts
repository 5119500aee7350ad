import { connect } from 'node:net';
import { toError } from '../../runtime/errors.js';

/** What a NATS server sends first. */
export interface NatsGreeting {
  readonly version: string;
}

export type Greeting =
  | { readonly kind: 'nats'; readonly info: NatsGreeting }
  /** Another program, or one that hangs. @property problem what it did */
  | { readonly kind: 'other'; readonly problem: string }
  | { readonly kind: 'none'; readonly problem: string };

/** More bytes without an end of the line are not a greeting. */
const longest = 64 * 1024;

/**
 * Reads the first line of a server. The client of NATS does not tell apart a server that is silent, one that speaks another protocol and
 * none. @param limit milliseconds
 */
export function readGreeting(
  { host, port }: { host: string; port: number },
  limit: number,
): Promise<Greeting> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port });
    let text = '';
    let isConnected = false;
    const finish = (greeting: Greeting) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(greeting);
    };
    const timer = setTimeout(() => {
      const problem = isConnected
        ? `it sends nothing for ${limit / 1_000} s`
        : `no connection after ${limit / 1_000} s`;
      finish({ kind: isConnected ? 'other' : 'none', problem });
    }, limit);
    socket.on('connect', () => {
      isConnected = true;
    });
    socket.on('error', (error) => finish({ kind: 'none', problem: toError(error).message }));
    socket.on('close', () => finish({ kind: 'other', problem: 'it closes the connection' }));
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\n');
      if (end === -1 && text.length < longest && 'INFO '.startsWith(text.slice(0, 5))) return;
      const info = end === -1 ? null : infoOf(text.slice(0, end));
      if (info) finish({ kind: 'nats', info });
      else finish({ kind: 'other', problem: `it sends ${JSON.stringify(text.slice(0, 40))}` });
    });
  });
}

function infoOf(line: string): NatsGreeting | null {
  try {
    const info = JSON.parse(line.replace(/^INFO\s+/, '')) as Partial<NatsGreeting>;
    return line.startsWith('INFO') && typeof info.version === 'string'
      ? { version: info.version }
      : null;
  } catch {
    return null;
  }
}
