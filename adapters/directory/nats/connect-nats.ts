import type { NatsConnection } from '@nats-io/transport-node';
import { toError } from '../../runtime/errors.js';
import { DirectoryError } from '../errors.js';
import { type Greeting, readGreeting } from './greeting.js';
import type { NatsPackages } from './load-packages.js';
import type { NatsAddress } from './nats-url.js';

/** Milliseconds that a server has for its first line, and for signing in. */
const limit = 5_000;

/**
 * Connects to a server that is new enough and has JetStream.
 * @param options.minVersion e.g. `2.11.0`. @param options.ca certificates in PEM that are trusted; undefined for those of Node
 * @throws {DirectoryError}
 */
export async function connectNats(
  { connect }: NatsPackages,
  address: NatsAddress,
  { minVersion, ca }: { minVersion: string; ca: string | undefined },
): Promise<NatsConnection> {
  await checkGreetings(address, minVersion);
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers: address.servers.map(({ host, port }) => `${host}:${port}`),
      ...address.credentials,
      ...(address.tls && { tls: ca === undefined ? {} : { ca } }),
      ...{ name: 'ixgate', timeout: limit, noAsyncTraces: true },
      // A connection that is cut off without an end is noticed within some seconds, and opened again for ever.
      ...{ pingInterval: 1_000, maxPingOut: 3, maxReconnectAttempts: -1 },
      ...{ reconnectTimeWait: 250, reconnectJitter: 100, ignoreAuthErrorAbort: true },
    });
  } catch (cause) {
    throw connectError(address, toError(cause));
  }
  try {
    // The first server may be new enough, and the one that was chosen not.
    checkVersion(address, connection.info?.version ?? '0', minVersion);
    await checkJetStream(connection, address);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function checkGreetings(address: NatsAddress, minVersion: string): Promise<void> {
  const greetings = await Promise.all(address.servers.map((one) => readGreeting(one, limit)));
  const found = (kind: Greeting['kind']) => greetings.find((one) => one.kind === kind);
  const best = found('nats') ?? found('other') ?? found('none');
  if (best?.kind === 'nats') {
    for (const one of greetings) {
      if (one.kind === 'nats') checkVersion(address, one.info.version, minVersion);
    }
  } else if (best?.kind === 'other') {
    const message = `${address.shown} is not a NATS server, or it hangs: ${best.problem}`;
    throw new DirectoryError('DIRECTORY_UNSUPPORTED', message);
  } else {
    throw unreachable(address, best?.problem ?? 'no server');
  }
}

function checkVersion(address: NatsAddress, version: string, minVersion: string): void {
  if (!isOlder(version, minVersion)) return;
  const message = `${address.shown} is nats-server ${version}; the directory needs ${minVersion} or newer with JetStream`;
  throw new DirectoryError('DIRECTORY_UNSUPPORTED', message);
}

function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) =>
    text
      .replace(/[-+].*$/, '')
      .split('.')
      .map(Number);
  const [have, want] = [numbers(version), numbers(than)];
  for (const [at, wanted] of want.entries()) {
    const part = have[at] ?? 0;
    if (part !== wanted) return !(part > wanted);
  }
  return false;
}

async function checkJetStream(connection: NatsConnection, address: NatsAddress): Promise<void> {
  let problem: string;
  try {
    const answer = await connection.request('$JS.API.INFO', '', { timeout: limit });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (!error) return;
    problem = error.description;
  } catch (error) {
    const { message } = toError(error);
    if (!message.includes('no responders')) throw unreachable(address, message, error);
    problem = 'start it with --jetstream, or with jetstream {} in its configuration';
  }
  const message = `${address.shown} has JetStream switched off: ${problem}`;
  throw new DirectoryError('DIRECTORY_UNSUPPORTED', message);
}

function connectError(address: NatsAddress, cause: Error): DirectoryError {
  if (cause.name === 'AuthorizationError' || /authoriz|authentic/i.test(cause.message)) {
    const message = `${address.shown} rejects the user, the password or the token (${cause.message})`;
    return new DirectoryError('DIRECTORY_AUTH', message, { cause });
  }
  return unreachable(address, cause.message, cause);
}

function unreachable(address: NatsAddress, problem: string, cause?: unknown): DirectoryError {
  const message = `the directory ${address.shown} cannot be reached: ${problem}`;
  return new DirectoryError('DIRECTORY_UNREACHABLE', message, { cause });
}
