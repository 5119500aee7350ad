/** The server as a tester sees it: inputs, model, suites. */
export {
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
export type { Seen, SimulatedServerOptions } from './simulated-server.js';

export {
  type Case,
  type ReadSuite,
  readSuite,
  type Suite,
  type SuiteHeader,
  suiteFiles,
} from './suites.js';
export {
  chartTimerPolicy,
  type Deadline,
  deadlineUnder,
  type ErrorMoments,
  type ServerTimeouts,
  type TimerPolicy,
  timerPolicies,
} from './timer-policy.js';
export {
  fitTimerPolicy,
  type TimerPolicyFit,
  type TimerPolicyTolerance,
  type TimerSample,
} from './timer-policy-fit.js';
