// ixgate with default limits, as the library creates it, or with the additions of `ixgate serve`. This measures the built package.
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openAdminPort } from '../../dist/adapters/admin/admin-port.js';
import { SessionFeed } from '../../dist/adapters/feed/index.js';
import { openRecorder } from '../../dist/adapters/recording/index.js';
import { createServer } from '../../dist/adapters/server/index.js';
import { ecdsaCertificate } from './ecdsa-certificate.mjs';
import { tell } from './tell.mjs';

const { values } = parseArgs({
  options: {
    // actor or table
    runner: { type: 'string' },
    // tcp, tls or ws
    scheme: { type: 'string', default: 'tcp' },
    // a folder that is removed at the end
    record: { type: 'string' },
    // the page's feed, as in `ixgate serve`
    feed: { type: 'boolean', default: false },
    // loopback counts like any other address
    'no-exempt': { type: 'boolean', default: false },
  },
});
const recorder = values.record ? await openRecorder({ folder: values.record }) : null;
const most = 1_000_000_000;
const server = await createServer({
  listen: [`${values.scheme}://127.0.0.1:0`],
  runner: values.runner,
  ...(values.scheme === 'tls' && { tls: await ecdsaCertificate() }),
  ...(recorder && { journal: recorder }),
  // No address is exempt and none is rejected: this measures the cost of counting, not of rejections.
  ...(values['no-exempt'] && {
    exempt: [],
    maxUnregisteredPerAddress: most,
    maxUnregisteredPerPrefix: most,
    registrationRate: { perSecond: most, burst: most },
    penaltySilent: 0,
  }),
});
let admin = null;
if (values.feed) {
  const delays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
  const feed = new SessionFeed(server, { gate: 'bench', delays });
  admin = await openAdminPort(server, {
    listen: 'http://127.0.0.1:0',
    feed,
    recorder,
    upgrades: { '/feed': feed },
  });
}
tell(server.endpoints[0].port, { feed: admin && `${admin.url.replace(/^http/, 'ws')}/feed` });
process.once('SIGTERM', async () => {
  await server.close();
  await recorder?.close();
  if (values.record) await rm(values.record, { recursive: true, force: true });
  process.exit();
});
