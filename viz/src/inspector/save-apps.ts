import type { InspectedApp } from '../../../machines/engine/inspection/app.js';
import { linesOf } from '../../../machines/engine/inspection/lines.js';
import { fileName, saveFile } from '../export/save-file.js';

/** Saves what is held of apps as a recording, as the inspector writes it with `--record`. */
export function saveApps(apps: readonly InspectedApp[]): void {
  const parts: string[] = [];
  for (const app of apps) for (const line of linesOf(app)) parts.push(`${line}\n`);
  const [only] = apps;
  const name = apps.length === 1 && only ? only.name : 'apps';
  saveFile(fileName(`${name}.jsonl`), new Blob(parts, { type: 'application/jsonl' }));
}
