import type { Redis, RedisOptions } from 'ioredis';

type Connector = NonNullable<RedisOptions['Connector']>;
type ConnectToSentinel = (...args: readonly unknown[]) => Redis;

/**
 * The connector of the package, with connections to Sentinels that write no errors to the console. They tell when another server becomes
 * the master.
 */
export function quietSentinelConnector({
  SentinelConnector,
}: Pick<typeof import('ioredis'), 'SentinelConnector'>): Connector {
  return class extends SentinelConnector {
    constructor(options: unknown) {
      super(options as ConstructorParameters<typeof SentinelConnector>[0]);
      const connector = this as unknown as { connectToSentinel: ConnectToSentinel };
      const connect = connector.connectToSentinel.bind(this);
      connector.connectToSentinel = (...args) => connect(...args).on('error', () => {});
    }
  };
}
