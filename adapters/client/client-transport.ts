/** A transport of the caller's for a client. */
import { attempt } from '../net/transports/attempt.js';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { Connection, ConnectOptions } from '../net/transports/transport.js';
import { OptionFunctionError } from './errors.js';

/** Opens the connections of a client. */
export interface ClientTransport {
  /**
   * Opens a connection to an endpoint. The endpoint is as it was given: the transport decides what scheme, host and port mean.
   * @param options `timeout` in milliseconds and `signal` end the attempt. The client ends it at the same time, and destroys a connection that
   *   comes later.
   */
  connect(endpoint: Endpoint, options: ConnectOptions): Promise<Connection>;
}

/** The transport with the time limit of an attempt, whether it keeps the limit or not. */
export function limited(transport: ClientTransport): ClientTransport {
  return {
    connect: (endpoint, options) =>
      attempt(endpoint, options, ({ opened, failed }) => {
        let isOver = false;
        Promise.resolve(transport.connect(endpoint, options)).then((connection) => {
          if (typeof connection?.start !== 'function')
            failed(new OptionFunctionError('transport', 'gave no connection'));
          else if (isOver) connection.destroy();
          else opened(connection);
        }, failed);
        return () => {
          isOver = true;
        };
      }),
  };
}
