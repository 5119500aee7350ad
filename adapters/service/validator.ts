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
import type { GateLog } from './local-gate.js';

/** A validator with what it holds open. */
export interface OpenValidator {
  readonly validate: Validator;
  /** The allow-list in it, if there is one. */
  readonly list: AllowList | null;
  close(): Promise<void>;
}

/**
 * The validator that a configuration asks for: the certificate's name, then the list, then the web service, whichever are
 * there; the cheap ones first.
 * @param onList hears that the list has changed
 * @param signal ends the reading of the list
 * @throws {FileError} when the list cannot be used; the signal's reason when it aborts before.
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
            log.info(`${clients} was read again: ${entries} entries`, {
              event: 'clients-reloaded',
              entries,
            });
            onList();
          },
          onProblem: (error) =>
            log.error(`the clients stay as they were: ${error.message}`, {
              event: 'clients-not-reloaded',
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
