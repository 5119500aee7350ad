/** The registration as a protocol of the engine. */
import type { Protocol } from '../engine/protocol.js';
import type { Configuration } from './chart/configurations.js';
import type { RegistrationEdge } from './chart/edges.js';
import { registrationMachine } from './chart/registration.js';
import { defaultDelays } from './chart/seat.js';
import { coveredRegistration } from './session/coverage.js';
import type { SeatName } from './session/step.js';
import type { ServerInput } from './sut/inputs.js';
import { ServerModel, type ServerSettings } from './sut/server-model.js';
import type { SimulatedServer } from './sut/simulated-server.js';
import { serverSuiteWords } from './sut/suite-words.js';
import { serverSuiteNames } from './sut/suites.js';

export const registrationProtocol: Protocol<
  Configuration,
  RegistrationEdge,
  SeatName,
  ServerInput,
  ServerSettings,
  SimulatedServer
> = {
  machine: registrationMachine,
  timers: { ...defaultDelays },
  chart: coveredRegistration,
  names: serverSuiteNames,
  words: serverSuiteWords,
  model: (settings) => new ServerModel(settings),
};
