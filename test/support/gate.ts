import { afterEach } from 'vitest';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import { type LineClient, lineClient } from './line-client.js';

const gates: GateServer[] = [];

/** A gate on a separate TCP port, closed after the test. */
export async function openGate(
  options: ServerOptions = {},
): Promise<{ server: GateServer; port: number; client(): Promise<LineClient> }> {
  const server = await createServer({ listen: ['tcp://127.0.0.1:0'], ...options });
  gates.push(server);
  const port = server.endpoints[0]?.port ?? 0;
  return { server, port, client: () => lineClient(port) };
}

/** Call once at the top of a test file that opens gates. */
export function closeGatesAfterEach(): void {
  afterEach(async () => {
    await Promise.all(gates.splice(0).map((server) => server.close()));
  });
}
