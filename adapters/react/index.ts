/**
 * A React hook on the client of a page.
 * @module ixgate/react
 */
export type {
  ClientEvents,
  ClientOptions,
  GateClient,
  Registration,
  RequestOptions,
} from '../client/browser.js';
export {
  type RegistrationHandlers,
  type RegistrationView,
  useRegistration,
} from './use-registration.js';
