// aedes, an MQTT broker for Node, with a function that authenticates clients.
import { createServer } from 'node:net';
import { Aedes } from '../peers/node_modules/aedes/aedes.js';
import { tell } from './tell.mjs';

const broker = await Aedes.createBroker({
  authenticate: (_client, user, password, done) =>
    done(null, user === 'bench-1' && String(password) === 'secret'),
});
broker.on('clientError', () => {});
broker.on('connectionError', () => {});
const server = createServer(broker.handle);
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => tell(server.address().port));
