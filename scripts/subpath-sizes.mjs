// What each subpath of the package loads, as the table of docs/embed.md: npm run sizes. Reads the build (dist).
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, parseAst } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The subpaths that a page can import. */
const forPages = [
  'ixgate/machines',
  'ixgate/model',
  'ixgate/client',
  'ixgate/inspector',
  'ixgate/react',
  'ixgate/element',
];

/** The specifiers of static imports and re-exports. A dynamic import loads nothing before it is called. */
const importsOf = (text) =>
  parseAst(text).body.flatMap(({ source }) => (source ? [source.value] : []));

/**
 * The files of `dist` that an import reaches.
 * @param {string} entry relative to the root
 * @returns {Promise<{ files: number, bytes: number, packages: string[] }>}
 */
async function loadedBy(entry) {
  const sizes = new Map();
  const packages = new Set();
  const open = [join(root, entry)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (sizes.has(file)) continue;
    const text = await readFile(file, 'utf8');
    sizes.set(file, Buffer.byteLength(text));
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith('.')) open.push(join(dirname(file), specifier));
      else if (!specifier.startsWith('node:'))
        packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0]);
    }
  }
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return { files: sizes.size, bytes, packages: [...packages].sort() };
}

/**
 * A page that vite builds from one module, with React left out.
 * @param {string} code
 * @returns {Promise<{ code: string, gzip: number, modules: string[] }>} its code, the bytes with gzip -9, and the ids of the modules; without
 *   what the page loads later
 */
export async function builtPage(code) {
  const page = '\0page';
  const { output } = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === 'page' ? page : undefined),
        load: (id) => (id === page ? code : undefined),
      },
    ],
    build: { write: false, rolldownOptions: { input: 'page', external: ['react'] } },
  });
  const chunks = output.filter(({ type, isDynamicEntry }) => type === 'chunk' && !isDynamicEntry);
  const gzip = chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  const built = chunks.map(({ code }) => code).join('\n');
  return { code: built, gzip, modules: chunks.flatMap(({ modules }) => Object.keys(modules)) };
}

/**
 * The sizes of all subpaths.
 * @returns {Promise<{ name: string, files: number, kB: number, packages: string[], page: number | null }[]>} in kB of 1,000 bytes; `page`
 *   with everything that the subpath exports
 */
export async function subpathSizes() {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const rows = [];
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    const name = subpath.replace('.', 'ixgate');
    const { files, bytes, packages } = await loadedBy(target.default);
    const isForPages = forPages.includes(name);
    const all = `import * as all from '${name}'; globalThis.all = all;`;
    const page = isForPages ? (await builtPage(all)).gzip / 1_000 : null;
    rows.push({ name, files, kB: bytes / 1_000, packages, page });
  }
  return rows;
}

const marks = ['<!-- subpath-sizes -->', '<!-- /subpath-sizes -->'];

/** The text of docs/embed.md before, in and after the table. */
function partsOf(text) {
  const [begin, end] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
  return [text.slice(0, begin), text.slice(begin, end), text.slice(end)];
}

/** The table in the text of docs/embed.md. */
export const tableIn = (text) => partsOf(text)[1].trim();

function withTable(text, rows) {
  const lines = rows.map(
    ({ name, files, kB, packages, page }) =>
      `| \`${name}\` | ${files} | ${Math.round(kB)} | ${packages.join(', ') || '-'} | ${page === null ? '-' : page.toFixed(1)} |`,
  );
  const head =
    '| Import | Files | kB | Packages | kB in a page, with gzip |\n|---|---|---|---|---|';
  const [before, , after] = partsOf(text);
  return `${before}\n\n${head}\n${lines.join('\n')}\n\n${after}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = join(root, 'docs/embed.md');
  const text = await readFile(path, 'utf8');
  await writeFile(path, withTable(text, await subpathSizes()));
  console.log('docs/embed.md: generated');
}
