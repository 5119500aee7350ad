// A client in a script.   node examples/client.mjs tcp://127.0.0.1:7004 desk-1
import { createClient, RegistrationRefusedError, RequestRefusedError } from 'ixgate/client';

const [endpoint = 'tcp://127.0.0.1:7004', clientName = 'desk-1'] = process.argv.slice(2);

const client = createClient({
  endpoints: endpoint,
  clientName,
  clientType: 'AgentApplication',
  reconnect: false,
});

try {
  const { elapsedMs } = await client.registered;
  console.log(`registered as ${clientName} in ${Math.round(elapsedMs)} ms`);
  const answer = await client.request({
    messageName: 'RequestAgentLogin',
    agentId: '1001',
    placeId: clientName,
  });
  console.log(answer);
} catch (error) {
  process.exitCode = 1;
  if (error instanceof RegistrationRefusedError || error instanceof RequestRefusedError)
    console.error(`refused with ${error.errorCode}: ${error.errorDescription}`);
  else console.error(error.message);
} finally {
  await client.close();
}
