/**
 * Registered clients in a NestJS gateway, on a WebSocket at /clients of the application. The gate registers clients; the gateway handles
 * their messages by name. GET /agents lists the agents.
 */
import { type INestApplication, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import type { WireMessage } from 'ixgate';
import { GateAdapter, type GatewayClient } from 'ixgate/nestjs';
import { createServer, type GateServer } from 'ixgate/server';
import { Agents, AgentsController, errors } from './agents.js';

@WebSocketGateway({ path: '/clients' })
export class AgentsGateway implements OnGatewayDisconnect<GatewayClient> {
  constructor(@Inject(Agents) private readonly agents: Agents) {}

  @SubscribeMessage('RequestAgentLogin')
  login(@MessageBody() { agentId }: WireMessage, @ConnectedSocket() { id }: GatewayClient) {
    if (typeof agentId !== 'string' || agentId === '')
      throw new WsException({ code: errors.agentIdMissing, message: 'agentId is missing' });
    this.agents.login(agentId, id);
    return { agentId };
  }

  @SubscribeMessage('RequestAgentLogout')
  async logout(@MessageBody() message: WireMessage, @ConnectedSocket() { id }: GatewayClient) {
    const agentId = String(message.agentId);
    if (!this.agents.logout(agentId, id))
      throw new WsException({ code: errors.notLoggedIn, message: `${agentId} is not logged in` });
    return { agentId };
  }

  handleDisconnect({ id }: GatewayClient): void {
    this.agents.left(id);
  }
}

@Module({ controllers: [AgentsController], providers: [Agents, AgentsGateway] })
class AppModule {}

export async function buildService(): Promise<{ app: INestApplication; gate: GateServer }> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  const gate = await createServer({
    validator: ({ clientName }) => clientName.startsWith('desk-'),
  });
  app.useWebSocketAdapter(new GateAdapter(app, gate, { drainMs: 1_000 }));
  return { app, gate };
}
