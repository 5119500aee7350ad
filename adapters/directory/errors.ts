import { IxgateError } from '../runtime/errors.js';

/** A store of names cannot be used, or the outcome of a request to it is unknown. */
export class DirectoryError extends IxgateError {
  override readonly name = 'DirectoryError';
  declare readonly code: /** The store does not answer, or its answer does not arrive in time. */
    | 'DIRECTORY_UNREACHABLE'
    /** The store rejects the user or the password. */
    | 'DIRECTORY_AUTH'
    /** The server cannot be used: too old, another program, or without what the directory needs. */
    | 'DIRECTORY_UNSUPPORTED'
    /** The package of the store's client is not installed. */
    | 'DIRECTORY_PACKAGE'
    /** Another cluster with other settings uses the same name in the store. */
    | 'CLUSTER_SETTINGS'
    /** Another live gate has the node name. */
    | 'NODE_NAME_IN_USE'
    /** The clocks of this machine and of the store differ too much. */
    | 'CLOCK_DIFFERS'
    /** The lease of this gate has ended, so that it may not grant names. */
    | 'LEASE_LAPSED';
  constructor(code: DirectoryError['code'], message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The stable codes of a directory's errors. */
export type DirectoryErrorCode = DirectoryError['code'];
