/** Apps that the inspector watches in the tests. */
import { createWebSocketInspector } from '@statelyai/inspect';
import { assign, createMachine, fromPromise, sendParent, setup } from 'xstate';
import {
  type ActorJson,
  type AppJson,
  type InspectorServer,
  type InspectorServerOptions,
  openInspector,
} from '../../adapters/inspector/index.js';

/** An inspector on a port that the system chooses. */
export function anInspector(options: InspectorServerOptions = {}): Promise<InspectorServer> {
  return openInspector({ listen: 'http://127.0.0.1:0', ...options });
}

/** The genuine client, which is stopped at the end of the test. */
export function genuine(url: string, options: { serializationDepthLimit?: number } = {}) {
  const inspector = createWebSocketInspector({ url, ...options });
  return { inspect: inspector.inspect, [Symbol.dispose]: () => inspector.stop() };
}

export function appNamed(server: InspectorServer, name: string): AppJson | undefined {
  return server.apps().apps.find((app) => app.name === name);
}

export function actorIn(app: AppJson | undefined, name: string): ActorJson | undefined {
  return app?.actors.find((actor) => actor.name === name);
}

/** A light that only goes around. */
export const light = createMachine({
  id: 'light',
  initial: 'green',
  states: {
    green: { on: { NEXT: 'yellow' } },
    yellow: { on: { NEXT: 'red' } },
    red: { on: { NEXT: 'green' } },
  },
});

/** A form with a child that asks a promise, and a guard. */
export const form = setup({
  types: { context: {} as { tries: number } },
  actors: { save: fromPromise(async () => 'saved') },
  guards: { mayTry: ({ context }) => context.tries < 2 },
}).createMachine({
  id: 'form',
  initial: 'editing',
  context: { tries: 0 },
  states: {
    editing: {
      on: {
        SUBMIT: [
          {
            guard: 'mayTry',
            target: 'saving',
            actions: assign({ tries: ({ context }) => context.tries + 1 }),
          },
          { target: 'blocked' },
        ],
      },
    },
    saving: { invoke: { id: 'save', src: 'save', onDone: 'editing' } },
    blocked: { type: 'final' },
  },
});

/** A parent whose child answers it. */
export const pingPong = setup({
  actors: {
    ponger: createMachine({
      id: 'ponger',
      on: { PING: { actions: sendParent({ type: 'PONG' }) } },
    }),
  },
}).createMachine({
  id: 'pinger',
  initial: 'waiting',
  invoke: { id: 'ponger', src: 'ponger' },
  states: {
    waiting: {
      on: {
        GO: {
          actions: ({ self }) => self.getSnapshot().children.ponger?.send({ type: 'PING' }),
          target: 'asked',
        },
      },
    },
    asked: { on: { PONG: 'answered' } },
    answered: {},
  },
});
