// socket.io, WebSocket from the start: a middleware authenticates, as in its documentation.
import { createServer } from 'node:http';
import { Server } from '../peers/node_modules/socket.io/wrapper.mjs';
import { tell } from './tell.mjs';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false });
io.use((socket, next) => {
  const { clientName } = socket.handshake.auth;
  next(typeof clientName === 'string' ? undefined : new Error('client is not valid'));
});
io.on('connection', () => {});
http.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => tell(http.address().port));
