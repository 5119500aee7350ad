// The floor: a bare Node socket that says back what it hears.
import { createServer } from 'node:net';
import { tell } from './tell.mjs';

const server = createServer({allowHalfOpen:true},(socket) => {socket.on('end',()=>socket.destroy());
  socket.on('error', () => {});
  socket.on('data', (chunk) => socket.write(chunk));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => tell(server.address().port));
