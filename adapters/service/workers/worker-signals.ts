/**
 * A worker ignores all signals of a gate: a terminal and systemd send them to the whole group, and the primary process decides when a
 * worker ends. It is the first import of the worker, so that no signal ends it, or opens its debugger, while it loads.
 */
import { signalNames } from '../signals.js';

for (const signal of signalNames) process.on(signal, () => {});
