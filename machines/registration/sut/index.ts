/** The server as a tester sees it: inputs, model, suites. */
export {
  eventOf,
  kindOf,
  type ServerInput,
  type ServerOutput,
  type ServiceAnswer,
  serverInputNames,
  serverInputs,
} from './inputs.js';
export {
  type ExpectedStep,
  ServerModel,
  type ServerModelOptions,
  type ServerSettings,
} from './server-model.js';
export { type Seen, SimulatedServer, type SimulatedServerOptions } from './simulated-server.js';
export { serverSuiteWords } from './suite-words.js';
export {
  type Case,
  type ReadSuite,
  readSuite,
  type Suite,
  type SuiteHeader,
  serverSuiteNames,
  suiteFiles,
} from './suites.js';
