import { IxgateError } from '../runtime/errors.js';

/** A module or its machine cannot be used; `code` is the reason, and the message names the file, the problem and the fix. */
export class LoadError extends IxgateError {
  override readonly name = 'LoadError';
  declare readonly code:
    | 'MODULE_MISSING'
    /** A syntax error. */
    | 'MODULE_INVALID'
    /** The module throws, or one that it imports is missing. */
    | 'MODULE_FAILED'
    | 'MODULE_TIMEOUT'
    | 'MODULE_STARTS_ACTOR'
    /** An unknown export, or several machines and none chosen. */
    | 'NO_SUCH_EXPORT'
    | 'NOT_A_MACHINE'
    /** The package that the mapper of a protocol needs is not installed. */
    | 'MQTT_MISSING'
    | 'UNKNOWN_PROTOCOL'
    | 'NOT_A_PROTOCOL'
    | 'NOT_A_MAPPER'
    | 'OTHER_XSTATE';

  constructor(code: LoadError['code'], message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
