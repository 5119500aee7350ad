/** What each subpath of the package loads: the files of `dist` that its import reaches, their size, and the packages. */
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The specifiers of static imports and re-exports. A dynamic import loads nothing before it is called. */
const importsOf = (text) =>
  parseAst(text).body.flatMap(({ source }) => (source ? [source.value] : []));

/**
 * @param {string} entry a file of `dist`, relative to the root
 * @returns {Promise<{ files: number, bytes: number, packages: string[] }>}
 */
export async function loadedBy(entry) {
  const files = new Map();
  const packages = new Set();
  const open = [join(root, entry)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    const text = await readFile(file, 'utf8');
    files.set(file, Buffer.byteLength(text));
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith('.')) open.push(join(dirname(file), specifier));
      else if (!specifier.startsWith('node:') && !builtinModules.includes(specifier))
        packages.add(/^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0]);
    }
  }
  const bytes = [...files.values()].reduce((sum, length) => sum + length, 0);
  return {
    files: files.size,
    bytes,
    packages: [...packages].sort(),
    names: [...files.keys()].map((f) => f.slice(root.length)),
  };
}

/** The import names of the package with the entries of their conditions. */
export async function subpaths() {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return [];
    const name = subpath.replace('.', 'ixgate');
    const rows = [{ name, entry: target.default, isBrowser: false }];
    if (target.browser)
      rows.push({ name: `${name} in a browser`, entry: target.browser.default, isBrowser: true });
    return rows;
  });
}
