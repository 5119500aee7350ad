/** The subcommands of `ixgate ctl`. */
export type Action =
  | 'status'
  | 'sessions'
  | 'show'
  | 'kick'
  | 'nodes'
  | 'drain'
  | 'resume'
  | 'reload'
  | 'set'
  | 'unset'
  | 'log-level'
  | 'ban'
  | 'unban'
  | 'bans'
  | 'penalties';

/** The options that name the gate, as commander gives them. */
export interface TargetFlags {
  readonly control?: string;
  readonly admin?: string;
  readonly token?: string;
  readonly timeout?: string;
}

export interface CtlFlags extends TargetFlags {
  readonly where?: readonly string[];
  readonly limit?: string;
  readonly watch?: boolean;
  readonly interval?: string;
  readonly reason?: string;
  readonly retryAfter?: string;
  readonly ban?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly node?: string;
  readonly allNodes?: boolean;
  readonly for?: string;
  readonly kick?: boolean;
  readonly clear?: string;
}
