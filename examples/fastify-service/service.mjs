/**
 * The gate inside a Fastify service. Registered clients log their agents in and out; GET /agents lists the agents. The service only
 * gets messages of registered clients and defines its own answers.
 *
 *   node examples/fastify-service/service.mjs
 */
import { pathToFileURL } from 'node:url';
import fastify from 'fastify';
import { createServer } from 'ixgate/server';

/** This service's own error numbers; 1 to 8 are the gate's. */
const errors = {
  agentIdMissing: 101,
  loggedInElsewhere: 102,
  notLoggedIn: 103,
  unknownRequest: 199,
};

export async function buildService({ listen = ['tcp://127.0.0.1:7004'] } = {}) {
  /** Agents by id. */
  const agents = new Map();

  const gate = await createServer({
    listen,
    onMessage({ message, session, reply }) {
      const { agentId } = message;
      switch (message.messageName) {
        case 'RequestAgentLogin': {
          if (typeof agentId !== 'string' || agentId === '')
            return reply.error(errors.agentIdMissing, 'agentId must be text that is not empty');
          const there = agents.get(agentId);
          if (there && there.session !== session.id)
            return reply.error(errors.loggedInElsewhere, `${agentId} is at ${there.clientName}`);
          agents.set(agentId, { session: session.id, clientName: session.info().clientName });
          return reply.ack({ agentId });
        }
        case 'RequestAgentLogout': {
          if (agents.get(agentId)?.session !== session.id)
            return reply.error(errors.notLoggedIn, `${agentId} is not logged in here`);
          agents.delete(agentId);
          return reply.ack({ agentId });
        }
        default:
          return reply.error(errors.unknownRequest, `this service has no ${message.messageName}`);
      }
    },
  });

  gate.on('disconnected', ({ id }) => {
    for (const [agentId, { session }] of agents) if (session === id) agents.delete(agentId);
  });

  const app = fastify();
  app.get('/agents', () =>
    [...agents].map(([agentId, { clientName }]) => ({ agentId, clientName })),
  );
  app.get('/sessions', () => gate.sessions());
  app.addHook('onClose', () => gate.close({ drainMs: 1_000 }));
  return { app, gate };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { app, gate } = await buildService();
  const address = await app.listen({ port: 8080, host: '127.0.0.1' });
  console.log(`clients: tcp://127.0.0.1:${gate.endpoints[0].port}, agents: ${address}/agents`);
  process.once('SIGINT', () => app.close());
  process.once('SIGTERM', () => app.close());
}
