// A foreign client. It registers once, and exits at the end of its connection.
import { connect } from 'node:net';

const [host, port, manner = 'right'] = process.argv.slice(2);
const socket = connect({ host, port: Number(port) });
const say = (message) => socket.write(`${JSON.stringify(message)}\n`);
const request = { messageName: 'RequestRegisterClient', referenceId: 1, clientName: 'desk-1' };

socket.on('error', () => {});
socket.on('connect', () => say({ ...request, clientType: 'AgentApplication' }));
socket.on('data', (data) => {
  console.log(`heard ${data}`);
  if (manner === 'hasty' && String(data).includes('EventError'))
    say({ messageName: 'RequestAgentLogin', referenceId: 2 });
});
socket.on('close', () => process.exit());
