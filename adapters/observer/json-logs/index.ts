export { ixgateLogFormat } from './ixgate-log-format.js';
export { jsonFormat } from './json-format.js';
export { type JsonMapping, readMapping } from './mapping.js';
export { recordingFormat } from './recording-format.js';
