// `ixgate inspector` with an app that has both clients. Prints the state that each client has told.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createWebSocketInspector } from '@statelyai/inspect';
import { createActor, createMachine } from 'xstate';
import { createInspector } from '../../dist/adapters/inspector/index.js';

const listen = ['--listen', 'http://127.0.0.1:0', '--json'];
const command = spawn(process.execPath, ['adapters/cli/ixgate.mjs', 'inspector', ...listen], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = await once(createInterface(command.stdout), 'line');
const { url, appUrl } = JSON.parse(line);

const machine = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } });
const own = createInspector({ url: appUrl, name: 'own' });
const stately = createWebSocketInspector({ url: `${appUrl}?name=stately` });
for (const { inspect } of [own, stately]) {
  createActor(machine, { inspect }).start().send({ type: 'GO' });
}

async function states() {
  const answer = await fetch(`${url}/stately.json`);
  const { apps } = await answer.json();
  return Object.fromEntries(apps.map(({ name, actors }) => [name, actors[0]?.state]));
}
let told = await states();
while (told.own !== 'b' || told.stately !== 'b') {
  await new Promise((resolve) => setTimeout(resolve, 20));
  told = await states();
}
command.kill();
await once(command, 'exit');
process.stdout.write(JSON.stringify(told), () => process.exit(0));
