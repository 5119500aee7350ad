/**
 * Finding and loading the genuine @xstate/inspect with the xstate 4 it needs. In the repository both lie in the workspace
 * `adapters/xstate-inspector`; whoever uses the package installs them beside it. Nothing of this project imports them otherwise, so
 * that the two majors of xstate never meet.
 */
import { createRequire } from 'node:module';
import { IxgateError } from '../runtime/errors.js';
import type { FacadeServer } from './facade.js';
import type { Registry } from './registry.js';

/** A state of xstate 4, as far as it is used here. */
export interface StateFour {
  readonly value: unknown;
  readonly context: unknown;
  readonly _event: unknown;
}

/** A machine of xstate 4, as far as it is used here. */
export interface XState4Machine {
  readonly definition: object;
  resolveState(state: StateFour): StateFour;
}

/** What is used of the two packages. */
export interface Genuine {
  inspect(options: { server: FacadeServer }): unknown;
  createMachine(config: object): XState4Machine;
  createState(config: object): StateFour;
  /** Wraps an event the way xstate 4 sends it. */
  toScxmlEvent(event: { readonly type: string }): object;
}

/** @xstate/inspect cannot be used here. */
export class InspectMissingError extends IxgateError {
  override readonly name = 'InspectMissingError';
  constructor(problem: string) {
    super('INSPECT_MISSING', `${problem}. Install it: npm install @xstate/inspect@0.8.0 xstate@4`);
  }
}

interface XStateFour {
  createMachine: Genuine['createMachine'];
  State: { create: Genuine['createState'] };
  toSCXMLEvent: Genuine['toScxmlEvent'];
}

/** @throws {InspectMissingError} when it is not installed, or would get another xstate than 4. */
export function loadGenuine(from: string = import.meta.url): Genuine {
  const path = locate(from);
  if (path === null) throw new InspectMissingError('@xstate/inspect is not installed');
  const beside = createRequire(path);
  const { version } = beside('xstate/package.json') as { version: string };
  if (!version.startsWith('4.')) {
    throw new InspectMissingError(`@xstate/inspect needs xstate 4 beside it and finds ${version}`);
  }
  const { inspect } = beside(path) as Pick<Genuine, 'inspect'>;
  const { createMachine, State, toSCXMLEvent } = beside('xstate') as XStateFour;
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
 * Runs the genuine `inspect` with a registry of our own in place of its one for the whole process: it takes
 * `globalThis.__xstate__` while it starts and keeps it. So viewers are apart, what they hold goes with them, and an
 * application that uses `__xstate__` itself finds it as it was.
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
