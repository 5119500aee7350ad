/** The agents of both NestJS examples: who is logged in, from which client. */
import { Controller, Get, Inject, Injectable } from '@nestjs/common';

/** Error numbers of this service. */
export const errors = { agentIdMissing: 101, notLoggedIn: 103 };

@Injectable()
export class Agents {
  readonly #agents = new Map<string, string>();

  login(agentId: string, session: string): void {
    this.#agents.set(agentId, session);
  }

  /** @returns whether the agent was logged in from this session */
  logout(agentId: string, session: string): boolean {
    return this.#agents.get(agentId) === session && this.#agents.delete(agentId);
  }

  left(session: string): void {
    for (const [agentId, from] of this.#agents) if (from === session) this.#agents.delete(agentId);
  }

  ids(): string[] {
    return [...this.#agents.keys()];
  }
}

@Controller()
export class AgentsController {
  constructor(@Inject(Agents) private readonly agents: Agents) {}

  @Get('/agents')
  list(): string[] {
    return this.agents.ids();
  }
}
