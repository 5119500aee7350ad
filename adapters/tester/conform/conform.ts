import { setMaxListeners } from 'node:events';
import { ConformRun } from './conform-run.js';
import { measureTimeouts } from './measure.js';
import { type ConformOptions, marginFor, type ServerTimeouts } from './options.js';
import { probeServer } from './probe-server.js';
import type { ConformReport } from './result.js';
import { StallMonitor } from './stall-monitor.js';

/**
 * Plays a suite against a live server. The report has a verdict for each documented edge and the shortest session of each failure. The
 * function first checks that the server can be tested, and measures timeouts that are not given. It learns which timer ends the connection of
 * an unregistered client, which the document leaves open, and expects that. When the signal aborts, it reports the
 * results so far.
 * @throws {NotReachableError} when it cannot connect, {NotTestableError} for another kind of server; the signal's reason when it aborts
 *   before the first case.
 */
export async function conform(options: ConformOptions): Promise<ConformReport> {
  using stallMonitor = new StallMonitor();
  const startedAt = performance.now();
  const { target, suite, signal, registrationTimeout, rejectionTimeout, onProgress } = options;
  // Each open connection listens to the signal.
  if (signal) setMaxListeners(0, signal);
  await probeServer(target, options);
  signal?.throwIfAborted();
  const isKnown = registrationTimeout !== undefined && rejectionTimeout !== undefined;
  const onMeasured = (done: number) => onProgress?.({ phase: 'measuring', done, total: 2 });
  const measured = isKnown ? null : await measureTimeouts(target, { ...options, onMeasured });
  const timeouts: ServerTimeouts = {
    registrationTimeout: registrationTimeout ?? measured?.registration.milliseconds ?? null,
    rejectionTimeout: rejectionTimeout ?? measured?.rejection.milliseconds ?? null,
  };
  const answers = options.answers ?? suite.answers;
  const margin = options.margin ?? marginFor(timeouts);
  const run = new ConformRun({ ...options, answers, margin }, timeouts, measured, stallMonitor);
  await run.play();
  await run.shrink();
  return run.report(performance.now() - startedAt);
}
