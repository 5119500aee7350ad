/**
 * The gate inside an Express service, on a WebSocket at /clients of its server. GET /agents lists the agents. With ADMIN_TOKEN the page is
 * at /ixgate/.
 *
 *   node examples/express-service/service.mjs
 */
import { createServer as createHttpServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import express from 'express';
import { createAdmin } from 'ixgate/admin';
import { createServer } from 'ixgate/server';

export async function buildService({ adminToken } = {}) {
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

  const app = express();
  app.get('/agents', (_request, response) => response.json([...agents.values()]));
  const server = createHttpServer(app);
  gate.attach(server, { path: '/clients' });
  const admin = adminToken && createAdmin(gate, { token: adminToken });
  if (admin) {
    app.use(admin.handler);
    admin.attach(server);
  }

  /** Clients leave first: the server waits for its connections. */
  const close = async () => {
    await gate.close({ drainMs: 1_000 });
    if (admin) admin.close();
    await new Promise((resolve) => server.close(resolve));
  };
  return { server, gate, close };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { server, close } = await buildService({ adminToken: process.env.ADMIN_TOKEN });
  server.listen(8080, '127.0.0.1', () => {
    console.log('clients: ws://127.0.0.1:8080/clients, agents: http://127.0.0.1:8080/agents');
  });
  process.once('SIGINT', close);
  process.once('SIGTERM', close);
}
