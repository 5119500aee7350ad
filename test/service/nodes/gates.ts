/** Gates of a cluster in this process, as `ixgate serve` wraps them. */
import { afterEach } from 'vitest';
import { ControlApi } from '../../../adapters/control/control-api.js';
import type { Directory } from '../../../adapters/directory/directory.js';
import { MemoryDirectory, MemoryStore } from '../../../adapters/directory/memory-directory.js';
import { createServer, type ServerOptions } from '../../../adapters/server/index.js';
import { NodesGate } from '../../../adapters/service/nodes/nodes-gate.js';
import type { RunningGate } from '../../../adapters/service/running-gate.js';
import { type LineClient, lineClient, registerRequest } from '../../support/line-client.js';

const open: { close(): Promise<unknown> }[] = [];

/** Call once at the top of a test file that opens gates. */
export function closeNodesAfterEach(): void {
  afterEach(async () => {
    await Promise.all(open.splice(0).map((gate) => gate.close()));
  });
}

/** A store in memory whose messages a test may drop. */
export class LossyDirectory extends MemoryDirectory {
  /** Whether a message is lost. */
  loses: (text: string) => boolean = () => false;

  override async send(node: string | null, text: string): Promise<void> {
    if (!this.loses(text)) await super.send(node, text);
  }
}

export type TestGate = Awaited<ReturnType<typeof openNode>>;

export async function openNode(directory: Directory, node: string, options: ServerOptions = {}) {
  const server = await createServer({
    listen: ['tcp://127.0.0.1:0'],
    validator: () => ({ valid: true, cap: 1 }),
    namePolicy: 'reject',
    directory: { store: directory, node },
    ...options,
  });
  const { bans } = server.admission;
  const own: RunningGate = {
    view: server,
    member: server.member,
    recorder: null,
    banTable: bans,
    ban: (source, duration) => bans.add(source, duration),
    unban: (source) => bans.remove(source),
    penalties: async () => server.admission.penalties(),
    clearPenalties: async (address) => server.admission.clearPenalties(address),
    reconfigure: async () => {},
    drain: () => server.close(),
    close: () => server.close(),
  };
  const { member } = server;
  if (!member) throw new Error('the gate has no directory');
  const reloads: string[] = [];
  const gate = await NodesGate.open({
    ...{ own, member, isStopping: () => false, admin: () => null },
    reload: async () => {
      reloads.push(node);
      return { changed: {}, needsRestart: [] };
    },
  });
  open.push(gate);
  const port = server.endpoints[0]?.port ?? 0;
  const control = new ControlApi({
    ...{ gate, service: null, changes: true, isStopping: () => false, onAction: () => {} },
  });
  return {
    node,
    server,
    gate,
    reloads,
    /** A registered client. */
    async client(clientName: string): Promise<LineClient> {
      const client = await lineClient(port);
      const answer = await client.ask(registerRequest({ clientName }));
      if (answer?.messageName !== 'EventAck') throw new Error(`refused: ${JSON.stringify(answer)}`);
      return client;
    },
    /** An answer of live control. */
    async ask(method: string, url: string): Promise<Record<string, unknown>> {
      const request = { method, url, headers: {}, socket: {} } as never;
      const actor = { by: 'service' } as const;
      const { body } = await control.answer(request, {
        ...{ actor, readRefusal: null, changeRefusal: null },
      });
      return JSON.parse(String(body)) as Record<string, unknown>;
    },
  };
}

/** Gates that share a store. */
export async function cluster(names = ['a', 'b', 'c'], lease?: number) {
  const store = new MemoryStore({ lease });
  const directories = names.map(() => new LossyDirectory(store));
  const gates: TestGate[] = [];
  for (const [index, name] of names.entries()) {
    gates.push(await openNode(directories[index] as LossyDirectory, name));
  }
  return {
    store,
    directories: directories as [LossyDirectory, LossyDirectory, LossyDirectory],
    gates: gates as [TestGate, TestGate, TestGate],
  };
}

/** The names of the clients that a gate lists, sorted. */
export async function clientsAt({ gate }: TestGate): Promise<(string | null)[]> {
  await gate.look();
  return gate
    .sessions()
    .map(({ clientName }) => clientName)
    .sort();
}
