/**
 * Registered clients as a transport of NestJS microservices, over TCP: the controller handles their messages by name. GET /agents of the
 * application lists the agents.
 */
import { Controller, type INestApplication, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import type { WireMessage } from 'ixgate';
import { type GateContext, GateTransport } from 'ixgate/nestjs';
import { Agents, AgentsController, errors } from './agents.js';

@Controller()
export class LoginController {
  constructor(@Inject(Agents) private readonly agents: Agents) {}

  @MessagePattern('RequestAgentLogin')
  login(@Payload() { agentId }: WireMessage, @Ctx() { session }: GateContext) {
    if (typeof agentId !== 'string' || agentId === '')
      throw new RpcException({ code: errors.agentIdMissing, message: 'agentId is missing' });
    this.agents.login(agentId, session.id);
    return { agentId };
  }

  /** An event: the client gets no answer. */
  @EventPattern<string>('RequestAgentLogout')
  logout(@Payload() message: WireMessage, @Ctx() { session }: GateContext): void {
    this.agents.logout(String(message.agentId), session.id);
  }
}

@Module({ controllers: [AgentsController, LoginController], providers: [Agents] })
class AppModule {}

export async function buildService(listen = ['tcp://127.0.0.1:7004']): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  const strategy = new GateTransport({ listen }, { drainMs: 1_000 });
  strategy.on('disconnected', ({ id }) => app.get(Agents).left(id));
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
  return app;
}
