// The baseline: a bare Node socket that echoes its input.
import { createServer } from 'node:net';
import { tell } from './tell.mjs';

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (chunk) => socket.write(chunk));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => tell(server.address().port));
