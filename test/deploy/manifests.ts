/** Checks of Kubernetes manifests by the schemas of Kubernetes and of the Prometheus Operator, as npm packages have them. */
import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../support/folder.js';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has another shape, which the schemas check.
  readonly [key: string]: any;
}

/** The objects of a YAML text. @throws for invalid YAML, or a key that is there twice */
export function manifestsIn(text: string): Manifest[] {
  return [...parseAllDocuments(text)].flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const value = document.toJS() as Manifest | null;
    return value === null ? [] : [value];
  });
}

/** The module with the kinds of an `apiVersion`. */
function moduleOf(apiVersion: string): string {
  const family = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';
  return `${family}/${apiVersion}`;
}

/** What is wrong with manifests: values that a schema rejects, and fields that a kind does not have. Empty when all are valid. */
export async function problemsOf(manifests: readonly Manifest[]): Promise<string[]> {
  const problems: string[] = [];
  for (const manifest of manifests) {
    const { apiVersion, kind, metadata } = manifest;
    const kinds = await import(moduleOf(apiVersion));
    try {
      new kinds[kind](manifest).validate();
    } catch (error) {
      problems.push(`${kind} ${metadata.name}: ${(error as Error).message}`);
    }
  }
  return [...problems, ...(await unknownFields(manifests))];
}

/** The schemas allow unknown fields, as the API server does; the types of the same package do not. */
async function unknownFields(manifests: readonly Manifest[]): Promise<string[]> {
  await using folder = await temporaryFolder();
  await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
  const lines = manifests.flatMap((manifest, index) => {
    const { apiVersion, kind } = manifest;
    return [
      `import type { I${kind} as Kind${index} } from '${moduleOf(apiVersion)}';`,
      `export const object${index}: Kind${index} = ${JSON.stringify(manifest)};`,
    ];
  });
  await writeFile(join(folder.path, 'manifests.ts'), lines.join('\n'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext'];
  try {
    const tsc = resolve('node_modules/.bin/tsc');
    await promisify(execFile)(tsc, [...options, 'manifests.ts'], { cwd: folder.path });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (!stdout) throw error;
    return stdout.trim().split('\n');
  }
}
