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

/** The rule: what a file of a folder may lead to. */
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
