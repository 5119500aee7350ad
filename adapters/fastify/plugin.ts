import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { type Admin, type AdminOptions, createAdmin } from '../admin/index.js';
import { IxgateError, OptionError } from '../runtime/errors.js';
import { checkOptionNames } from '../runtime/option-names.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';
import { createServer, GateServer, type ServerOptions } from '../server/index.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The gate of this service. */
    readonly gate: GateServer;
  }
}

export interface GatePluginOptions {
  /** The gate, or the options of the gate that the plugin creates. Both are closed with the service. @default {} */
  readonly gate?: GateServer | ServerOptions | undefined;
  /** Path of WebSocket clients on the server of this service. @default none: clients connect to `listen` of the gate */
  readonly path?: string | undefined;
  /** Milliseconds that registered clients have to leave when the service closes. @default 5000 */
  readonly drainMs?: number | undefined;
  /** The page, probes and metrics on the server of this service. @default none */
  readonly admin?: AdminOptions | undefined;
}

/** ixgate/fastify was registered after @fastify/websocket. */
export class PluginOrderError extends IxgateError {
  override readonly name = 'PluginOrderError';
  constructor() {
    super(
      'PLUGIN_ORDER',
      'ixgate/fastify was registered after @fastify/websocket, which would close clients before the gate drains them: register ixgate/fastify first',
    );
  }
}

const names = ['gate', 'path', 'drainMs', 'admin'] as const;

/**
 * The gate as a Fastify plugin: `app.gate` is the `GateServer`. When the service closes, the gate drains first, while Fastify still holds all
 * connections.
 * @throws {PluginOrderError} after @fastify/websocket; {OptionError} {UnknownOptionError} {ListenError} as `createServer` and `createAdmin`
 */
export const gatePlugin: FastifyPluginAsync<GatePluginOptions> = async (app, options) => {
  checkOptionNames(options, names);
  // Hooks run in the order in which plugins are registered.
  if (app.hasDecorator('websocketServer')) throw new PluginOrderError();
  const { path } = options;
  const drainMs = wholeNumber('drainMs', options.drainMs ?? 5_000, { ...delays, min: 0 });
  const gate = await gateOf(options.gate ?? {});
  let admin: Admin | null = null;
  try {
    if (options.admin) admin = openAdmin(app, gate, options.admin);
    if (path !== undefined) gate.attach(app.server, { path });
    app.decorate('gate', gate);
  } catch (error) {
    admin?.close();
    await gate.close();
    throw error;
  }
  // Fastify waits for every connection before onClose, so that is too late.
  app.addHook('preClose', async () => {
    admin?.announceStop();
    await gate.close({ drainMs });
    admin?.close();
  });
};

/** What `fastify-plugin` sets: the decorator belongs to the whole service. */
Object.assign(gatePlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'ixgate',
  [Symbol.for('plugin-meta')]: { name: 'ixgate', fastify: '5.x' },
});

function gateOf(gate: GateServer | ServerOptions): GateServer | Promise<GateServer> {
  if (gate instanceof GateServer) return gate;
  if (typeof gate === 'object' && gate !== null) return createServer(gate);
  throw new OptionError('gate', gate, 'a GateServer, or the options of createServer');
}

function openAdmin(app: FastifyInstance, gate: GateServer, options: AdminOptions): Admin {
  const admin = createAdmin(gate, options);
  // A handler and not a hook, so that the checks of the service come first.
  for (const url of [admin.base || '/', `${admin.base}/*`]) {
    app.all(url, (request, reply) => {
      reply.hijack();
      admin.handler(request.raw, reply.raw);
    });
  }
  admin.attach(app.server);
  return admin;
}
