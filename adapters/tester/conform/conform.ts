import { setMaxListeners } from 'node:events';
import { ConformRun } from './conform-run.js';
import { measureTimeouts } from './measure.js';
import { type ConformOptions, marginFor, type ServerTimeouts } from './options.js';
import { recognise } from './recognise.js';
import type { ConformReport } from './result.js';
import { Stalls } from './stalls.js';

/**
 * Plays a suite against a live server and says of each documented edge whether it held, and of each failure its shortest session. Looks
 * first whether it is such a server, and measures its timeouts where they are not given. When the signal is aborted, what was seen so far
 * is reported.
 * @throws {NotReachableError} when there is nothing to connect to, {NoSuchServerError} when something else is there; the signal's reason
 *   when it is aborted before the first case.
 */
export async function conform(options: ConformOptions): Promise<ConformReport> {
  using stalls = new Stalls();
  const startedAt = performance.now();
  const { target, suite, signal, registrationTimeout, rejectionTimeout, onProgress } = options;
  // Each connection that is open hears of the end.
  if (signal) setMaxListeners(0, signal);
  await recognise(target, options);
  signal?.throwIfAborted();
  const isKnown = registrationTimeout !== undefined && rejectionTimeout !== undefined;
  const onMeasured = (done: number) => onProgress?.({ phase: 'measuring', done, total: 2 });
  const measured = isKnown
    ? null
    : await measureTimeouts(target, { ...options, longest: options.longestTimeout, onMeasured });
  const timeouts: ServerTimeouts = {
    registrationTimeout: registrationTimeout ?? measured?.registration.milliseconds ?? null,
    rejectionTimeout: rejectionTimeout ?? measured?.rejection.milliseconds ?? null,
  };
  const answers = options.answers ?? suite.answers;
  const margin = options.margin ?? marginFor(timeouts);
  const run = new ConformRun({ ...options, answers, margin }, timeouts, stalls);
  if (measured) run.measured(measured);
  await run.play();
  await run.shrink();
  return run.report(performance.now() - startedAt);
}
