import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** One import, re-export or dynamic import of a source text. */
interface Import {
  readonly line: number;
  readonly specifier: string;
  /** It vanishes when the file is compiled. */
  readonly typeOnly: boolean;
}

const statements =
  /^[ \t]*(?:import\b(?![ \t]*[(.])|export\b(?=[ \t]*(?:type\b[ \t]*)?[{*]))(?<type>[ \t]+type\b(?![ \t]*(?:from|=)))?(?:(?!;\s*$)[^'"])*?['"](?<from>[^'"\n]+)['"]|\bimport\s*\(\s*(?<dynamic>[^)]*?)\s*\)/gm;

function importsOf(text: string): Import[] {
  // Comments may speak of imports; blanked out, so that lines keep their numbers.
  const source = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
  return [...source.matchAll(statements)].map((match) => {
    const { type, from, dynamic } = match.groups ?? {};
    const literal = dynamic?.match(/^['"]([^'"]+)['"]$/)?.[1];
    return {
      line: source.slice(0, match.index).split('\n').length,
      specifier: from ?? literal ?? `<computed: ${dynamic}>`,
      typeOnly: type !== undefined,
    };
  });
}

/** The top folder a specifier leads to (`machines`), or the package's name. */
function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('<computed')) return specifier;
  if (!specifier.startsWith('.')) {
    if (specifier.startsWith('node:')) return 'node:';
    const parts = specifier.split('/');
    return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
  }
  return join(file, '..', specifier).split('/')[0] ?? specifier;
}

/** The packages and top folders that a file of a top folder may import. Types of `adapters` are free for the page. */
function allowed(file: string, target: string, typeOnly: boolean): boolean {
  const folder = file.split('/')[0];
  if (folder === 'machines') return ['machines', 'xstate', 'valibot'].includes(target);
  if (target === 'viz') return folder === 'viz' || folder === 'test';
  if (folder === 'adapters')
    return !['test', 'examples', 'scripts', 'bench'].includes(target) && target !== 'ixgate';
  if (folder === 'viz')
    return !['adapters', 'test', 'examples', 'scripts'].includes(target) || typeOnly;
  return true;
}

/** The folders that are checked for cycles, in more detail than their top folder. */
const nested = ['machines/engine', 'machines/registration', 'viz/src'];

/** The folder of a file in the folder graph: `machines/text`, `machines/engine/table`, `adapters/net`. */
function folderOf(file: string): string {
  const parts = file.split('/').slice(0, -1);
  const depth = nested.includes(parts.slice(0, 2).join('/')) ? 3 : 2;
  return parts.slice(0, depth).join('/');
}

/**
 * The edges of the folder graph that are allowed: from a folder to the folders that it may import. Folders that begin with the same
 * prefix share a row; the first row that fits counts. A folder without a row may import anything that makes no cycle.
 */
const allowedFolders: readonly (readonly [from: string, to: readonly string[]])[] = [
  ['machines/text', []],
  ['machines/engine', ['machines/engine', 'machines/text']],
  ['machines/directory', ['machines/engine', 'machines/text']],
  ...['registration', 'mqtt-connect'].map(
    (protocol) =>
      [
        `machines/${protocol}`,
        [`machines/${protocol}`, 'machines/engine', 'machines/text'],
      ] as const,
  ),
  ['adapters/runtime', ['machines']],
  ...adapterRows({
    net: '',
    files: '',
    client: 'net',
    element: '',
    react: 'client element',
    server: 'directory net',
    recording: 'files net server',
    validators: 'files net server',
    tap: 'net server',
    'mqtt-connect': '',
    tester: 'charts files mqtt-connect net server',
    observer: 'files tap',
    coverage: 'files net recording',
    web: 'files net server',
    feed: 'net web',
    control: 'files net server web',
    admin: 'control feed net server web',
    opentelemetry: 'admin net server',
    fastify: 'admin server',
    nestjs: 'server',
    inspector: 'net recording server web',
    playwright: 'inspector',
    vitest: 'inspector',
    'xstate-inspector': 'inspector server web',
    config: 'directory files net recording server validators web',
    charts: 'files net server web',
    doctor: 'config control files net server validators web',
    service:
      'admin config control directory feed files inspector net opentelemetry recording server validators web xstate-inspector',
  }),
  ['viz', ['viz', 'machines', 'adapters']],
];

/** Rows for folders of `adapters`; each may also import `machines` and `adapters/runtime`. */
function adapterRows(folders: Readonly<Record<string, string>>) {
  return Object.entries(folders).map(([from, to]) => {
    const others = to.split(' ').filter((name) => name !== '');
    const allowed = ['runtime', ...others].map((name) => `adapters/${name}`);
    return [`adapters/${from}`, ['machines', ...allowed]] as const;
  });
}

function isWithin(folder: string, prefix: string): boolean {
  return folder === prefix || folder.startsWith(`${prefix}/`);
}

/** Why a folder may not import another; null when it may. */
function forbidden(from: string, to: string): string | null {
  const edge = `${from} -> ${to}`;
  if (to === 'adapters/cli' && from !== 'scripts')
    return `${edge}: only scripts import the command line`;
  const row = allowedFolders.find(([prefix]) => isWithin(from, prefix));
  if (!row || row[1].some((prefix) => isWithin(to, prefix))) return null;
  return `${edge}: allowed are ${row[1].join(', ') || 'no folders'}`;
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The imports between source files, type imports included. */
async function fileGraph(files: readonly string[]): Promise<Graph> {
  const known = new Set(files);
  const graph = new Map<string, Set<string>>();
  for (const file of files) {
    const targets = new Set<string>();
    graph.set(file, targets);
    for (const { specifier } of importsOf(await readFile(file, 'utf8'))) {
      if (!specifier.startsWith('.')) continue;
      const path = join(file, '..', specifier);
      const source = [path, path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')];
      const target = source.find((one) => known.has(one));
      if (target !== undefined) targets.add(target);
    }
  }
  return graph;
}

/** The imports between folders. Imports of a roof (`machines/index.ts`) from outside are not counted. */
function folderGraph(files: Graph): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [file, targets] of files) {
    const from = folderOf(file);
    const others = graph.get(from) ?? new Set<string>();
    graph.set(from, others);
    for (const target of targets) {
      const to = folderOf(target);
      const isRoof = (to === 'machines' || to === 'adapters') && !isWithin(from, to);
      if (to !== from && !isRoof) others.add(to);
    }
  }
  return graph;
}

/** The nodes of each cycle: the strongly connected components with more than one node, each sorted. */
function cyclesOf(graph: Graph): string[][] {
  const reached = (start: string) => {
    const found = new Set<string>();
    const open = [start];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const next of graph.get(node) ?? []) {
        if (found.has(next)) continue;
        found.add(next);
        open.push(next);
      }
    }
    return found;
  };
  const all = new Map([...graph.keys()].map((node) => [node, reached(node)]));
  const cycles = new Map<string, string[]>();
  for (const [node, others] of all) {
    if (!others.has(node)) continue;
    const members = [...others].filter((other) => all.get(other)?.has(node)).sort();
    if (members.length > 1) cycles.set(members.join(' '), members);
  }
  return [...cycles.values()];
}

/** The number of floors: folders on the longest path down. */
function floorsOf(graph: Graph, folder: string): number {
  const below = [...(graph.get(folder) ?? [])].map((next) => floorsOf(graph, next));
  return 1 + Math.max(0, ...below);
}

function breaches(file: string, text: string): string[] {
  return importsOf(text)
    .filter(({ specifier, typeOnly }) => !allowed(file, targetOf(file, specifier), typeOnly))
    .map(({ line, specifier }) => `${file}:${line} may not import ${specifier}`);
}

async function sources(): Promise<string[]> {
  const files: string[] = [];
  for (const folder of ['machines', 'adapters', 'viz', 'examples', 'scripts']) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() || !/\.[cm]?[jt]sx?$/.test(entry.name)) continue;
      const file = join(entry.parentPath, entry.name);
      if (!/(^|\/)(node_modules|dist)\//.test(file)) files.push(file);
    }
  }
  return files;
}

describe('The import rule', () => {
  it('holds in every source file: machines know no Node, adapters may know machines, nothing knows viz', async () => {
    const files = await sources();
    expect(files).toContain('machines/registration/chart/registration.ts');
    expect(files).toContain('adapters/runtime/errors.ts');
    const found = await Promise.all(
      files.map(async (file) => breaches(file, await readFile(file, 'utf8'))),
    );
    expect(found.flat()).toEqual([]);
  });

  it('lets the engine import xstate, and valibot for its files only', async () => {
    const files = (await sources()).filter((file) => file.startsWith('machines/engine/'));
    const packages = await Promise.all(
      files.map(async (file) =>
        importsOf(await readFile(file, 'utf8'))
          .map(({ specifier }) => specifier)
          .filter((specifier) => !specifier.startsWith('.') && specifier !== 'xstate')
          .map((specifier) => `${file} ${specifier}`),
      ),
    );
    expect(packages.flat().sort()).toEqual([
      'machines/engine/coverage/coverage-text.ts valibot',
      'machines/engine/learning/learned-schema.ts valibot',
      'machines/engine/learning/parse-learned.ts valibot',
      'machines/engine/testgen/suite-file.ts valibot',
    ]);
  });

  it('keeps the tests of the engine free of every protocol', async () => {
    for (const file of ['test/engine/door.ts', 'test/engine/toy-protocol.test.ts']) {
      const imports = importsOf(await readFile(file, 'utf8')).map(({ specifier }) => specifier);
      const own = imports.filter((specifier) => specifier.includes('/machines/'));
      expect(own.length).toBeGreaterThan(3);
      expect(own.filter((specifier) => !/machines\/(engine|text)\//.test(specifier))).toEqual([]);
    }
  });

  it('allows only the edges of the folder table', async () => {
    const graph = folderGraph(await fileGraph(await sources()));
    const edges = [...graph].flatMap(([from, targets]) =>
      [...targets].map((to) => [from, to] as const),
    );
    expect(edges.length).toBeGreaterThan(50);
    expect(edges.map(([from, to]) => forbidden(from, to)).filter((one) => one !== null)).toEqual(
      [],
    );
  });

  it('has no cycle between files or folders, not even by types', async () => {
    const files = await fileGraph(await sources());
    const folders = folderGraph(files);
    expect(cyclesOf(files)).toEqual([]);
    expect(cyclesOf(folders)).toEqual([]);
    const floors = [...folders.keys()].filter((folder) => isWithin(folder, 'machines'));
    expect(Math.max(...floors.map((folder) => floorsOf(folders, folder)))).toBeLessThanOrEqual(7);
  });

  it('finds cycles', () => {
    const graph = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['a', 'd'])],
      ['d', new Set<string>()],
    ]);
    expect(cyclesOf(graph)).toEqual([['a', 'b', 'c']]);
    expect(
      floorsOf(
        new Map([
          ['a', new Set(['b'])],
          ['b', new Set<string>()],
        ]),
        'a',
      ),
    ).toBe(2);
  });

  it.each([
    ['machines/a.ts', `import fs from 'node:fs';`, 'node:fs'],
    ['machines/a.ts', `import 'ws';`, 'ws'],
    ['machines/a.ts', `import{a}from'ws';`, 'ws'],
    [
      'machines/a.ts',
      `import { codec } from '../adapters/net/wire/codec.js';`,
      '../adapters/net/wire/codec.js',
    ],
    ['machines/a.ts', `import {\n  a,\n  b,\n} from "pino";`, 'pino'],
    ['machines/a.ts', `export * from 'node:net';`, 'node:net'],
    ['machines/a.ts', `export type { Socket } from 'node:net';`, 'node:net'],
    ['machines/a.ts', `const net = await import('node:net');`, 'node:net'],
    ['machines/a.ts', `const any = await import(name);`, '<computed: name>'],
    ['machines/graph.ts', `import type { X } from '../viz/x.js';`, '../viz/x.js'],
    ['adapters/server/a.ts', `import { draw } from '../../viz/draw.js';`, '../../viz/draw.js'],
    [
      'adapters/server/a.ts',
      `import { x } from '../../test/support/x.js';`,
      '../../test/support/x.js',
    ],
    ['viz/main.ts', `import { createServer } from '../adapters/index.js';`, '../adapters/index.js'],
  ])('is broken by %s with %j', (file, text, specifier) => {
    expect(breaches(file, `// a line before\n${text}\n`)).toEqual([
      `${file}:2 may not import ${specifier}`,
    ]);
  });

  it.each([
    ['machines/a.ts', `import { setup } from 'xstate';\nimport * as v from 'valibot';`],
    ['machines/a.ts', `import { getAdjacencyMap } from 'xstate/graph';`],
    ['machines/a.ts', `// import fs from 'node:fs'\n/* import 'ws'; */`],
    ['machines/a.ts', `export const word = 'node:fs';\nexport type Word = 'ws' | 'tls';`],
    ['adapters/tester/a.ts', `import { errorCodes } from '../../machines/index.js';`],
    ['machines/a.ts', `const here = import.meta.url;\nconst name = 'ws';`],
    ['machines/a.ts', `export interface A {\n  b: 'tls';\n}`],
    ['viz/main.ts', `import type { SessionInfo } from '../adapters/server/index.js';`],
    ['viz/main.ts', `import { registrationMachine } from '../machines/index.js';`],
  ])('is kept by %s with %j', (file, text) => {
    expect(breaches(file, text)).toEqual([]);
  });
});
