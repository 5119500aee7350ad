// The baseline of TLS: a bare Node TLS socket that echoes its input, with a certificate on the curve P-256 as ixgate's.
import { createServer } from 'node:tls';
import { ecdsaCertificate } from './ecdsa-certificate.mjs';
import { tell } from './tell.mjs';

const server = createServer(await ecdsaCertificate(), (socket) => {
  socket.on('error', () => {});
  socket.on('data', (chunk) => socket.write(chunk));
});
server.on('tlsClientError', () => {});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => tell(server.address().port));
