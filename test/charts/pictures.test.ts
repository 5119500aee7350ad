import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngOf } from '../../adapters/charts/index.js';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';

const chart = 'examples/charts/multi-step-form.ts';
const text = (words: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="15">${words}</text></svg>`;

describe('pictures of a machine', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const at = (name: string) => join(folder.path, name);
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it('need --machine, and a scale in its range', async () => {
    const code = 2;
    const viz = (...args: string[]) => ixgate(['viz', ...args]);
    expect(await viz('--png', at('x.png'))).toMatchObject({
      code,
      stderr: expect.stringContaining('--png needs --machine FILE'),
    });
    expect(await viz('--machine', chart, '--png', at('x.png'), '--scale', '11')).toMatchObject({
      code,
      stderr: expect.stringContaining('--scale is "11"; allowed: a number from 0.1 to 10'),
    });
    expect(await ixgate(['coverage', '--svg', at('x.svg'), 'x'])).toMatchObject({
      code,
      stderr: expect.stringContaining('--svg needs --machine FILE'),
    });
    await expect(access(at('x.png'))).rejects.toThrow();
  });
});

describe('a PNG', () => {
  it('has the texts, and as many pixels as its scale says', async () => {
    const [one, other] = [
      await pngOf(text('one'), { scale: 3 }),
      await pngOf(text(''), { scale: 3 }),
    ];
    expect(sizeOf(one)).toEqual({ width: 180, height: 60 });
    expect(Buffer.compare(one, other)).not.toBe(0);
  });

  it('is not written without a font, because its texts would be missing', async () => {
    await expect(pngOf(text('one'), { scale: 1, loadSystemFonts: false })).rejects.toMatchObject({
      code: 'FONT_MISSING',
      message: expect.stringContaining('write an SVG'),
    });
  });

  it('is not made when it is too large for the memory', async () => {
    const large = text('one').replace('width="60"', 'width="60000000"');
    await expect(pngOf(large, { scale: 1 })).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });
});

/** From the header of the file. */
function sizeOf(png: Uint8Array): { width: number; height: number } {
  const header = Buffer.from(png.buffer, png.byteOffset, 24);
  return { width: header.readUInt32BE(16), height: header.readUInt32BE(20) };
}
