import { openPageServer, readRecording } from '../../web/index.js';
import type { Output } from '../output.js';

/** Serves the page on a recording. @param stopped ends it when it resolves */
export async function openPage(
  path: string,
  stopped: Promise<unknown>,
  output: Output,
): Promise<void> {
  const recording = await readRecording(path);
  await using server = await openPageServer({ recordings: [recording] });
  output.tell(`watch ${server.url}/`, {
    type: 'listening',
    url: `${server.url}/`,
    recording: path,
  });
  await stopped;
}
