/**
 * The gate inside a Fastify service, on TCP and on a WebSocket at /clients. Registered clients log their agents in and out; GET /agents
 * lists the agents. The service decides what to answer: the gate lets only messages of registered clients through. When the service
 * closes, the gate drains first. With ADMIN_TOKEN the page is at /ixgate/.
 *
 *   node examples/fastify-service/service.mjs
 */
import { pathToFileURL } from 'node:url';
import fastify from 'fastify';
import { gatePlugin } from 'ixgate/fastify';
import * as v from 'valibot';

/** This service's own error numbers; 1 to 99 are left to the gate. */
const errors = {
  loggedInElsewhere: 102,
  notLoggedIn: 103,
  unknownRequest: 199,
};

/** The attributes of a login and a logout; any library with Standard Schema will do. */
const agent = v.object({ agentId: v.pipe(v.string(), v.nonEmpty()) });

export async function buildService({ listen = ['tcp://127.0.0.1:7004'], adminToken } = {}) {
  /** State of each agent by its id. */
  const agents = new Map();

  const options = {
    listen,
    // The gate checks these messages and answers those that do not fit.
    messages: { RequestAgentLogin: agent, RequestAgentLogout: agent },
    on: {
      RequestAgentLogin({ message: { agentId }, session, reply }) {
        const there = agents.get(agentId);
        if (there && there.session !== session.id)
          return reply.error(errors.loggedInElsewhere, `${agentId} is at ${there.clientName}`);
        agents.set(agentId, { session: session.id, clientName: session.info().clientName });
        return reply.ack({ agentId });
      },
      RequestAgentLogout({ message: { agentId }, session, reply }) {
        if (agents.get(agentId)?.session !== session.id)
          return reply.error(errors.notLoggedIn, `${agentId} is not logged in here`);
        agents.delete(agentId);
        return reply.ack({ agentId });
      },
    },
    onMessage: ({ message, reply }) =>
      reply.error(errors.unknownRequest, `this service has no ${message.messageName}`),
  };

  const app = fastify();
  await app.register(gatePlugin, {
    path: '/clients',
    drainMs: 1_000,
    gate: options,
    ...(adminToken && { admin: { token: adminToken } }),
  });
  const { gate } = app;

  gate.on('disconnected', ({ id }) => {
    for (const [agentId, { session }] of agents) if (session === id) agents.delete(agentId);
  });

  app.get('/agents', () =>
    [...agents].map(([agentId, { clientName }]) => ({ agentId, clientName })),
  );
  app.get('/sessions', () => gate.sessions());
  return { app, gate };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { app, gate } = await buildService({ adminToken: process.env.ADMIN_TOKEN });
  const address = await app.listen({ port: 8080, host: '127.0.0.1' });
  const websocket = `${address.replace('http', 'ws')}/clients`;
  console.log(
    `clients: tcp://127.0.0.1:${gate.endpoints[0].port} and ${websocket}, agents: ${address}/agents`,
  );
  process.once('SIGINT', () => app.close());
  process.once('SIGTERM', () => app.close());
}
