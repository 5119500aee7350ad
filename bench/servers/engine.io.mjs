// engine.io, WebSocket from the start.
import { createServer } from 'node:http';
import { Server } from '../peers/node_modules/engine.io/wrapper.mjs';
import { answerTo } from './answer.mjs';
import { tell } from './tell.mjs';

const http = createServer();
const server = new Server({ transports: ['websocket'] });
server.attach(http);
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => socket.send(answerTo(data)));
});
http.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => tell(http.address().port));
