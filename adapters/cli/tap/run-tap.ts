import { verdictSentence } from '../../../machines/registration/session/verdict.js';
import { never } from '../../../machines/text/clock.js';
import { loadTls } from '../../config/index.js';
import { SessionFeed } from '../../feed/index.js';
import { formatEndpoint } from '../../net/transports/endpoint.js';
import { openRecorder, type Recorder } from '../../recording/index.js';
import { version } from '../../runtime/version.js';
import { Log } from '../../service/log.js';
import type { Severity } from '../../service/log-events.js';
import { StandardOutput } from '../../service/log-output/standard-output.js';
import { logRecording } from '../../service/recording-log.js';
import { openTap, type Tap } from '../../tap/index.js';
import { openPageServer } from '../../web/index.js';
import { tlsOptions } from '../client-options.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { type Interrupt, Interrupts } from '../interrupts.js';
import type { Output } from '../output.js';
import type { TapFlags } from './flags.js';

/** The lines of a tap have no schema. */
type TapLine = { readonly event: string; readonly [field: string]: unknown };
type TapLog = Log<Readonly<Record<Severity, TapLine>>>;

/** Runs a tap until a signal ends it. @returns the exit code. */
export async function runTap(flags: TapFlags, output: Output): Promise<number> {
  let interrupt: (signal: Interrupt) => void = () => {};
  const interrupted = new Promise<Interrupt>((resolve) => {
    interrupt = resolve;
  });
  const { listen, to, maxConnections, connectTimeout, redactNames } = flags;
  const tls = await listenTls(flags);
  const tlsTo = await tlsOptions(flags);
  const { registrationTimeout = null, rejectionTimeout = null } = flags;
  const deadlines = { registrationTimeout, rejectionTimeout };
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, interrupt);
  const tap = await openTap({
    listen,
    to,
    tls,
    tlsTo,
    maxConnections,
    connectTimeout,
    redactNames,
    ...deadlines,
  });
  const log: TapLog = new Log({
    level: 'info',
    output: new StandardOutput({
      io: output.io,
      format: output.json ? 'json' : 'pretty',
      colour: output.paint.isColorSupported,
    }),
    isAudited: () => false,
    exit: () => output.io.exit(),
  });
  let recorder: Recorder | null = null;
  try {
    logSessions(tap, log);
    if (flags.record !== undefined) {
      recorder = await openRecorder({ folder: flags.record });
      logRecording(recorder, log);
      const journal = recorder;
      tap.on('step', (step) => journal.record(step));
    }
    const feed = new SessionFeed(tap, {
      gate: `ixgate ${version()}, a tap to ${to}`,
      delays: {
        registrationTimeout: registrationTimeout ?? never,
        rejectionTimeout: rejectionTimeout ?? never,
      },
    });
    await using page = await openPageServer({ port: flags.port, feed });
    const [endpoint] = tap.endpoints.map(formatEndpoint);
    const recording = flags.record === undefined ? '' : `\nrecording to ${flags.record}`;
    log.announce(`tap ${endpoint} to ${to}\nwatch ${page.url}/${recording}\n`, {
      event: 'listening',
      endpoints: [endpoint],
      to,
      url: `${page.url}/`,
      record: flags.record ?? null,
    });
    await interrupted;
    await tap.close();
  } finally {
    await tap.close();
    await recorder?.close();
    await log.close();
  }
  // A signal is the normal end of a tap.
  return exitCodes.ok.code;
}

async function listenTls({ listenCert, listenKey }: TapFlags) {
  if (!listenCert !== !listenKey) {
    throw new UsageError('--listen-cert and --listen-key must be given together');
  }
  const names = { tlsCa: '--tls-ca', tlsCert: '--listen-cert', tlsKey: '--listen-key' };
  return loadTls({ tlsCert: listenCert, tlsKey: listenKey }, (key) => names[key]);
}

/** Logs the events of sessions. Lines that clients can cause without limit are written at a bounded rate. */
function logSessions(tap: Tap, log: TapLog): void {
  tap.on('step', ({ session, from, to }) => {
    if (from === 'connecting' && to !== 'connecting') {
      log.often('connected', 'info', `connected ${session}`, { event: 'connected', session });
    }
    if (from !== 'registered' && to === 'registered') {
      log.info(`registered ${session}`, { event: 'registered', session });
    }
  });
  tap.on('session', ({ client, summary, findings }) => {
    const { session, verdict, reason, clientType, elapsed } = summary;
    const who = client === session ? session : `${session} ${client}`;
    const type = clientType === null ? '' : ` (${clientType})`;
    log.often(`ended ${verdict}`, 'info', `${who}${type}: ${verdictSentence(summary)}`, {
      event: 'session',
      session,
      client,
      clientType,
      verdict,
      reason,
      durationMs: Math.round(elapsed),
      findings,
    });
  });
  tap.on('finding', ({ code, sentence, session }) => {
    log.often(`finding ${code}`, 'warn', `${code}: ${sentence}`, {
      event: 'finding',
      code,
      session,
    });
  });
  tap.on('unreadable', ({ session, by, description }) => {
    const text = `${session}: invalid frame from the ${by}: ${description}`;
    log.often('unreadable', 'warn', text, { event: 'unreadable', session, by });
  });
  tap.on('unreachable', ({ message }) => {
    const text = `cannot connect to the server: ${message}`;
    log.often('unreachable', 'error', text, { event: 'unreachable' });
  });
  tap.on('connection-rejected', () => {
    log.often('connection-rejected', 'warn', 'rejected a client: --max-connections reached', {
      event: 'connection-rejected',
    });
  });
  tap.on('problem', (error) => {
    log.once(`problem ${error.name}`, error.message, { event: 'problem' });
  });
}
