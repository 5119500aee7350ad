import type { Recorder } from '../recording/index.js';
import type { GateLog } from './local-gate.js';

/** A line when the recording cannot go on, one when it can again. */
export function logRecording(recorder: Recorder, log: GateLog): void {
  recorder.on('problem', (error) => {
    log.once(`problem ${error.code}`, error.message, { event: 'problem', code: error.code });
  });
  recorder.on('resumed', (path) => {
    log.info(`recording goes on in ${path}; a mark in it says how much is missing`, {
      event: 'recording-resumed',
      path,
      dropped: recorder.counts().dropped,
    });
  });
}
