/** A page that registers at a gate, shows the state of its client, and sends requests. */
import { createClient, type GateClient, RegistrationRefusedError } from 'ixgate/client';

const element = <Type extends HTMLElement>(id: string): Type => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Type;
};
const textIn = (id: string): string => element<HTMLInputElement>(id).value;

let client: GateClient | null = null;

function register(): void {
  void client?.close();
  client = null;
  element('events').replaceChildren();
  try {
    client = createClient({
      endpoints: textIn('endpoint'),
      clientName: textIn('name'),
      clientType: 'AgentApplication',
      reconnect: { initialDelay: 200, spread: 1_000 },
    });
  } catch (error) {
    show(null, error);
    return;
  }
  const mine = client;
  const shown = () => {
    if (client === mine) show(mine);
  };
  client
    .on('connecting', (endpoint, attempt) => note(`connecting to ${endpoint}, attempt ${attempt}`))
    .on('registered', ({ elapsedMs }) => note(`registered in ${Math.round(elapsedMs)} ms`))
    .on('refused', ({ errorDescription }) => note(`refused: ${errorDescription}`))
    .on('disconnected', (reason) => note(`disconnected: ${reason}`))
    .on('event', ({ messageName }) => note(`received ${messageName}`))
    .on('connecting', shown)
    .on('registered', shown)
    .on('waiting', shown)
    .on('stopped', (error) => {
      if (client === mine) show(mine, error);
    });
}

async function request(): Promise<void> {
  try {
    const answer = await client?.request({ messageName: textIn('message') });
    note(`answered with ${answer?.messageName}`);
  } catch (error) {
    note(String(error));
  }
}

function show(shown: GateClient | null, error: unknown = null): void {
  const state = shown?.state ?? 'offline';
  element('state').textContent = state;
  element('state').dataset.state = state;
  element<HTMLButtonElement>('send').disabled = state !== 'online';
  element('problem').textContent =
    error instanceof RegistrationRefusedError
      ? `${error.errorDescription} (${error.errorCode})`
      : error instanceof Error
        ? error.message
        : '';
}

function note(text: string): void {
  const item = document.createElement('li');
  item.textContent = text;
  element('events').append(item);
}

element('register').addEventListener('submit', (event) => {
  event.preventDefault();
  register();
});
element('request').addEventListener('submit', (event) => {
  event.preventDefault();
  void request();
});
