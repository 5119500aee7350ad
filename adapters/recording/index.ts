/**
 * Recordings: what happens at a gate, written to files as it happens.
 * @module ixgate/recording
 */
export { RecordingError } from './errors.js';
export type { RecorderOptions, RecordSync } from './options.js';
export { openRecorder, Recorder, type RecorderCounts, type RecorderEvents } from './recorder.js';
