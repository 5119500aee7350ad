import { IxgateError } from '../runtime/errors.js';

/** An unusable configuration. The message has the source, the key, the value and the allowed values. */
export class ConfigError extends IxgateError {
  override readonly name = 'ConfigError';
  constructor(message: string, options?: ErrorOptions) {
    super('BAD_CONFIG', message, options);
  }
}
