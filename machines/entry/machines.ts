/**
 * The registration protocol: its chart, messages, step records, verdicts and figures. Runs in Node and in a browser.
 * @module ixgate/machines
 */
export { stateNodesOf } from '../engine/table/edges.js';
export type { RegistrationActor, RegistrationSnapshot } from '../registration/chart/actor.js';
export {
  type Configuration,
  configurationOf,
  configurations,
  deadlineOf,
} from '../registration/chart/configurations.js';
export { describeConfiguration } from '../registration/chart/describe-configuration.js';
export { transitionsTaken } from '../registration/chart/edges.js';
export {
  type ErrorCode,
  type ErrorName,
  errorCodes,
  errorTable,
} from '../registration/chart/error-codes.js';
export {
  type ClientType,
  clientTypes,
  type EventAck,
  type EventError,
  eventAck,
  eventError,
  parseRegisterClient,
  type RequestRegisterClient,
  type WireMessage,
} from '../registration/chart/messages.js';
export {
  type ChartMeta,
  type FigureId,
  registrationMachine,
  seated,
} from '../registration/chart/registration.js';
export {
  type DisconnectReason,
  defaultDelays,
  disconnectReasons,
  type RegistrationEvent,
  type RegistrationEventType,
  registrationEventTypes,
  type Seat,
  type SeatActions,
  type SeatDelays,
} from '../registration/chart/seat.js';
export {
  type BackOff,
  backOffDelay,
  type SupervisedContext,
  type SupervisorContext,
  type SupervisorEvent,
  type SupervisorInput,
  supervisorMachine,
} from '../registration/chart/supervisor.js';
export { type Figure, figures, findFigure } from '../registration/figures/figures.js';
export { chartToMermaid, figureToMermaid } from '../registration/figures/mermaid.js';
export { playFigureOnChart, simulatedTime } from '../registration/figures/play.js';
export { compareSession } from '../registration/figures/session-comparison.js';
export { redactMessage, redactorFor } from '../registration/session/redaction.js';
export {
  type ActorAtOptions,
  actorAt,
  restoreRegistration,
} from '../registration/session/restore.js';
export {
  type SeatName,
  Session,
  type SessionOptions,
  type StepRecord,
} from '../registration/session/step.js';
export {
  type SessionSummary,
  type SessionVerdict,
  summarize,
  verdictSentence,
  verdicts,
} from '../registration/session/verdict.js';
export { type Clock, systemClock } from '../text/clock.js';
