import { IxgateError } from '../runtime/errors.js';

/** A configuration that cannot be used. The message names the place, the key, the value and what is allowed. */
export class ConfigError extends IxgateError {
  override readonly name = 'ConfigError';
  constructor(message: string, options?: ErrorOptions) {
    super('BAD_CONFIG', message, options);
  }
}
