/** Protocols of the kit, played against live servers. */
export {
  type ConformProtocolOptions,
  conformProtocol,
  type ProtocolReport,
} from './conform-protocol.js';
export type { LiveServerOptions, Variant } from './live-server.js';
export { isKnownProtocol, loadProtocol } from './load-protocol.js';
export { type FigureOutcome, playProtocolFigure } from './play-figures.js';
export {
  type ChosenProtocol,
  chooseProtocol,
  type ProtocolChoices,
  type ProtocolRun,
  protocolRun,
} from './protocol-run.js';
export {
  differenceOf,
  renderDifference,
  renderProtocolFigure,
  renderProtocolReport,
} from './render.js';
