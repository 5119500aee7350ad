/** The values of `--log-level`, most lines first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
