import type { ServeConfig } from '../config/index.js';
import type { Validator } from '../server/index.js';
import {
  type AllowList,
  all,
  allowList,
  certificateName,
  permissive,
  webhook,
} from '../validators/index.js';
import type { GateLog } from './log.js';

/** A validator with its resources. */
export interface OpenValidator {
  readonly validate: Validator;
  /** Its allow-list, if there is one. */
  readonly list: AllowList | null;
  close(): Promise<void>;
}

/**
 * Makes the validator of a configuration: the certificate's name, then the list, then the web service, those that are configured.
 * The cheap checks come first.
 * @param onList called when the list has changed
 * @param signal aborts reading of the list
 * @throws {FileError} when the list is unusable; the signal's reason when it aborts before.
 */
export async function openValidator(
  config: ServeConfig,
  log: GateLog,
  onList: () => void,
  signal: AbortSignal,
): Promise<OpenValidator> {
  const validators: Validator[] = [];
  if (config.certificateName) validators.push(certificateName());
  const { clients } = config;
  const list =
    clients === undefined
      ? null
      : await allowList(clients, {
          signal,
          onReload: (entries) => {
            log.info(`${clients} reloaded: ${entries} entries`, {
              event: 'clients-reloaded',
              entries,
              by: { via: 'file' },
            });
            onList();
          },
          onProblem: (error) =>
            log.error(`list of clients not reloaded, the old one stays: ${error.message}`, {
              event: 'clients-reload-failed',
              by: { via: 'file' },
            }),
        });
  if (list) validators.push(list);
  if (config.validator !== undefined) {
    validators.push(webhook(config.validator, { timeout: config.validatorTimeout }));
  }
  return {
    validate: validators.length === 0 ? permissive() : all(...validators),
    list,
    close: async () => list?.close(),
  };
}
