// The ws package: one JSON message, one JSON answer.
import { WebSocketServer } from '../peers/node_modules/ws/wrapper.mjs';
import { answerTo } from './answer.mjs';
import { tell } from './tell.mjs';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', backlog: 1024 });
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => socket.send(answerTo(data.toString())));
});
server.on('listening', () => tell(server.address().port));
