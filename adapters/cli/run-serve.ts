import { setTimeout } from 'node:timers/promises';
import { duration } from '../../machines/text/format.js';
import type { ConfigInput, LoadedConfig, ServeConfig } from '../config/index.js';
import { formatEndpoint } from '../net/transports/endpoint.js';
import { CrashHandler } from '../service/crash.js';
import { Gate } from '../service/gate.js';
import type { Log } from '../service/log.js';
import type { Operator } from '../service/log-fields.js';
import type { LogSignals } from '../service/log-signals.js';
import { openLog } from '../service/open-log.js';
import { ParentWatch } from '../service/parent-watch.js';
import { Reload } from '../service/reload.js';
import { banner, commandsToTry, pageAddress } from './banner.js';
import { exitCodes } from './exit-codes.js';
import { type Interrupt, Interrupts } from './interrupts.js';
import type { Output } from './output.js';

/** The reason why the gate stops. */
type StopCause = Interrupt | 'parent exited';

/** Runs the gate until a signal stops it. @returns the exit code. */
export async function serve(
  input: ConfigInput,
  loaded: LoadedConfig,
  output: Output,
  signals: LogSignals,
): Promise<number> {
  let interrupt: (cause: StopCause) => void = () => {};
  const interrupted = new Promise<StopCause>((resolve) => {
    interrupt = resolve;
  });
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, interrupt);
  using _parent = new ParentWatch(() => interrupt('parent exited'), { env: output.io.env });
  const opened = await openLog(loaded.config, {
    io: output.io,
    format: formatOf(loaded.config, output),
    colour: output.paint.isColorSupported,
    onProblem: (error) => output.fail(error),
  });
  signals.follow(opened);
  const { log } = opened;
  using _crashes = new CrashHandler(output.io, log, exitCodes.internal.code);
  await using reload = new Reload(output.io, input, log);
  let gate: Gate | undefined;
  try {
    gate = await Gate.open(loaded, log, reload);
    await reload.follow(gate);
    announce(gate, log, output);
    await drained(gate, await interrupted, reload, log);
    return exitCodes.ok.code;
  } finally {
    await gate?.close();
    await log.close();
    // Requests to a receiver that hangs would keep the process for another ten seconds.
    if (loaded.config.otlp !== undefined)
      globalThis.setTimeout(() => output.io.exit(), 100).unref();
  }
}

function formatOf({ logFormat }: ServeConfig, { io, json }: Output): 'pretty' | 'json' {
  return json ? 'json' : (logFormat ?? (io.stdout.isTTY ? 'pretty' : 'json'));
}

function announce(gate: Gate, log: Log, output: Output): void {
  const { loaded, server, admin, stately, inspectorUrl } = gate;
  log.announce(banner(loaded.config, server, admin, output.paint), {
    event: 'listening',
    endpoints: server.endpoints.map(formatEndpoint),
    admin: admin?.url ?? null,
    page: admin ? pageAddress(loaded.config, admin) : null,
    record: loaded.config.record ?? null,
    try: commandsToTry(server.endpoints),
  });
  if (inspectorUrl !== null) {
    log.info(`inspector of apps: ${inspectorUrl}`, { event: 'inspector', url: inspectorUrl });
  }
  if (!stately) return;
  log.info(`sessions in Stately's inspector (requires internet access): ${stately.url}`, {
    event: 'stately',
    url: stately.url,
  });
}

/** Stops reloading and drains the gate. */
async function drained(gate: Gate, cause: StopCause, reload: Reload, log: Log): Promise<void> {
  const { drain, drainDelay } = gate.loaded.config;
  const by: Operator =
    cause === 'parent exited' ? { via: 'parent' } : { via: 'signal', signal: cause };
  if (drainDelay > 0) {
    gate.announceStop();
    log.info(`${cause}: not ready; the gate accepts clients for another ${duration(drainDelay)}`, {
      event: 'drain-delayed',
      cause,
      by,
    });
    await setTimeout(drainDelay);
  }
  log.info(`${cause}: draining; registered clients have ${duration(drain)} to disconnect`, {
    event: 'draining',
    signal: cause === 'parent exited' ? null : cause,
    cause,
    by,
  });
  const closed = gate.drain();
  await reload.stop();
  await closed;
  log.info('all clients are disconnected', { event: 'stopped' });
}
