// A viewer of the page, with the list of sessions open.
import { once } from 'node:events';
import WebSocket from 'ws';

export async function openViewer(address) {
  const viewer = new WebSocket(address);
  viewer.on('error', (error) => process.stderr.write(`the viewer: ${error.message}\n`));
  viewer.on('message', () => {});
  await once(viewer, 'open');
  viewer.send(JSON.stringify({ type: 'list' }));
  return viewer;
}

export function closeViewer(viewer) {
  viewer?.terminate();
}
