/** The signals of a running gate. `ixgate serve`, its help, docs/operate.md and its workers use this table. */

interface SignalRow {
  /** What the gate does. */
  readonly effect: string;
  /** What exists on Windows. */
  readonly windows: string;
}

export const gateSignals = {
  SIGTERM: {
    effect:
      'stops the gate: after --drain-delay clients are notified, registered ones have --drain to disconnect, then the process exits with 0. A second signal ends it immediately, with 130',
    windows: 'not sent by Windows; `taskkill /F` ends the process without a drain',
  },
  SIGINT: {
    effect: 'the same; Ctrl-C sends it',
    windows: 'the same with Ctrl-C',
  },
  SIGHUP: {
    effect:
      'reloads the configuration, certificates and the list of clients; clients stay connected. If the terminal was closed, it ends the process',
    windows: 'sent when the console closes; Windows ends the process 10 s later',
  },
  SIGUSR1: {
    effect: 'is ignored and logged: it does not open the debugger of Node, as it would otherwise',
    windows: 'does not exist',
  },
  SIGUSR2: {
    effect:
      'creates --log-file and --audit-file again if they were moved away, as logrotate does; otherwise it rotates --log-file. Without files it is ignored and logged',
    windows: 'does not exist; --log-size and --log-age rotate',
  },
} as const satisfies Readonly<Record<string, SignalRow>>;

export type GateSignal = keyof typeof gateSignals;
export const signalNames = Object.keys(gateSignals) as GateSignal[];
