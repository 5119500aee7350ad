/** A form with three pages: guards on the data of events, history, a service that saves. */
import { assign, fromPromise, setup } from 'xstate';

type Events =
  | { type: 'NEXT'; name?: string; age?: number }
  | { type: 'BACK' }
  | { type: 'HELP' }
  | { type: 'CLOSE' };

export const multiStepForm = setup({
  types: { context: {} as { name: string }, events: {} as Events },
  actors: { save: fromPromise(async () => {}) },
  guards: {
    hasName: ({ event }) => event.type === 'NEXT' && (event.name ?? '').length > 0,
    isAdult: ({ event }) => event.type === 'NEXT' && (event.age ?? 0) >= 18,
  },
  actions: {
    keepName: assign({ name: ({ event }) => (event.type === 'NEXT' && event.name) || '' }),
    showError: () => {},
  },
}).createMachine({
  id: 'multiStepForm',
  context: { name: '' },
  initial: 'form',
  states: {
    form: {
      initial: 'name',
      on: { HELP: 'help' },
      states: {
        name: {
          on: {
            NEXT: [
              { guard: 'hasName', target: 'age', actions: 'keepName' },
              { actions: 'showError' },
            ],
          },
        },
        age: {
          on: {
            NEXT: [{ guard: 'isAdult', target: 'check' }, { actions: 'showError' }],
            BACK: 'name',
          },
        },
        check: { on: { NEXT: '#multiStepForm.saving', BACK: 'age' } },
        last: { type: 'history' },
      },
    },
    help: { on: { CLOSE: 'form.last' } },
    saving: { invoke: { id: 'save', src: 'save', onDone: 'saved', onError: 'form.check' } },
    saved: { type: 'final' },
  },
});

export const ixgate = {
  payloads: { NEXT: [{}, { name: 'Ada' }, { age: 17 }, { age: 18 }] },
} satisfies import('ixgate/model').ChartOptions;
