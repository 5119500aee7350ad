import { DirectoryError } from '../errors.js';

const command = 'npm install @nats-io/kv@3 @nats-io/transport-node@3';

export type NatsPackages = Awaited<ReturnType<typeof importPackages>>;

/**
 * Loads the client of NATS, which is optional.
 * @throws {DirectoryError} `DIRECTORY_PACKAGE`
 */
export async function loadPackages(load = importPackages): Promise<NatsPackages> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const message = `the client of NATS is not installed, which a directory in NATS needs. Install it: ${command}`;
    throw new DirectoryError('DIRECTORY_PACKAGE', message, { cause });
  }
}

async function importPackages() {
  const [kv, transport] = await Promise.all([
    import('@nats-io/kv'),
    import('@nats-io/transport-node'),
  ]);
  return { ...kv, ...transport };
}
