/**
 * A React hook on the client of a page, and a component with the chart of a machine.
 * @module ixgate/react
 */
export type {
  ClientEvents,
  ClientOptions,
  GateClient,
  Registration,
  RequestOptions,
} from '../client/browser.js';
export type { MachineDefinition } from '../element/chart-of.js';
export type { StatechartTheme } from '../element/statechart-element.js';
export { StatechartView, type StatechartViewProps } from './statechart-view.js';
export {
  type RegistrationHandlers,
  type RegistrationView,
  useRegistration,
} from './use-registration.js';
