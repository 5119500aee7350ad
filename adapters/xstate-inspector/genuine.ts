/**
 * Finding and loading the genuine @xstate/inspect with the xstate 4 it needs. In the repository both lie in the workspace
 * `adapters/xstate-inspector`; users of the package install them beside it. This project does not import them in any other way, so
 * that the two major versions of xstate never mix.
 */
import { createRequire } from 'node:module';
import { IxgateError } from '../runtime/errors.js';
import type { FacadeServer } from './facade.js';
import type { Registry } from './registry.js';
import type { XState4Machine, XState4State } from './xstate4.js';

/** The used part of the two packages. */
export interface Genuine {
  inspect(options: { server: FacadeServer }): unknown;
  createMachine(config: object): XState4Machine;
  createState(config: object): XState4State;
  /** Wraps an event the way xstate 4 sends it. */
  toScxmlEvent(event: { readonly type: string }): object;
}

/** @xstate/inspect is missing or unusable. */
export class InspectMissingError extends IxgateError {
  override readonly name = 'InspectMissingError';
  constructor(problem: string) {
    super('INSPECT_MISSING', `${problem}. Install it: npm install @xstate/inspect@0.8.0 xstate@4`);
  }
}

interface XState4 {
  createMachine: Genuine['createMachine'];
  State: { create: Genuine['createState'] };
  toSCXMLEvent: Genuine['toScxmlEvent'];
}

/** @throws {InspectMissingError} when it is not installed, or would use another version of xstate than 4. */
export function loadGenuine(from: string = import.meta.url): Genuine {
  const path = locate(from);
  if (path === null) throw new InspectMissingError('@xstate/inspect is not installed');
  const beside = createRequire(path);
  const { version } = beside('xstate/package.json') as { version: string };
  if (!version.startsWith('4.')) {
    throw new InspectMissingError(`@xstate/inspect needs xstate 4 beside it and finds ${version}`);
  }
  const { inspect } = beside(path) as Pick<Genuine, 'inspect'>;
  const { createMachine, State, toSCXMLEvent } = beside('xstate') as XState4;
  return {
    inspect,
    createMachine,
    createState: (config) => State.create(config),
    toScxmlEvent: toSCXMLEvent,
  };
}

function locate(from: string): string | null {
  const server = '@xstate/inspect/lib/server.js';
  for (const start of [
    () => from,
    () => createRequire(from).resolve('@ixgate/xstate-inspector/package.json'),
  ]) {
    try {
      return createRequire(start()).resolve(server);
    } catch {
      // Not here.
    }
  }
  return null;
}

/**
 * Runs the genuine `inspect` with a separate registry for each viewer instead of one per process: `inspect` reads
 * `globalThis.__xstate__` when it starts. So viewers are isolated, their memory is released with them, and applications that use
 * `__xstate__` are not affected.
 */
export function inspectWith(genuine: Genuine, registry: Registry, server: FacadeServer): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, '__xstate__');
  Object.defineProperty(globalThis, '__xstate__', {
    configurable: true,
    get: () => registry,
    set() {
      // The package's own registry is not used.
    },
  });
  try {
    genuine.inspect({ server });
  } finally {
    if (before) Object.defineProperty(globalThis, '__xstate__', before);
    else Reflect.deleteProperty(globalThis, '__xstate__');
  }
}
