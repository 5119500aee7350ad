/**
 * The gate inside a Hono service on Node, on a WebSocket at /clients of its server. GET /agents lists the agents. With ADMIN_TOKEN the page
 * is at /ixgate/.
 *
 *   node examples/hono-service/service.mjs
 */
import { pathToFileURL } from 'node:url';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createAdmin } from 'ixgate/admin';
import { createServer } from 'ixgate/server';

export async function buildService({ port = 8080, adminToken } = {}) {
  /** Agents by their session. */
  const agents = new Map();
  const gate = await createServer({
    onMessage({ message, session, reply }) {
      if (message.messageName !== 'RequestAgentLogin')
        return reply.error(199, `this service has no ${message.messageName}`);
      agents.set(session.id, message.agentId);
      return reply.ack({ agentId: message.agentId });
    },
  });
  gate.on('disconnected', ({ id }) => agents.delete(id));

  const app = new Hono();
  app.get('/agents', (context) => context.json([...agents.values()]));
  const admin = adminToken && createAdmin(gate, { token: adminToken });
  if (admin) app.all('/ixgate/*', ({ req }) => admin.fetch(req.raw));

  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port });
  gate.attach(server, { path: '/clients' });
  if (admin) admin.attach(server);

  /** Clients leave first: the server waits for its connections. */
  const close = async () => {
    await gate.close({ drainMs: 1_000 });
    if (admin) admin.close();
    await new Promise((resolve) => server.close(resolve));
  };
  return { server, gate, close };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { close } = await buildService({ adminToken: process.env.ADMIN_TOKEN });
  console.log('clients: ws://127.0.0.1:8080/clients, agents: http://127.0.0.1:8080/agents');
  process.once('SIGINT', close);
  process.once('SIGTERM', close);
}
