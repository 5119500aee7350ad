import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logFormats, readLogs } from '../../../adapters/observer/index.js';
import type { ObservedEvent } from '../../../machines/index.js';

const corpus = new URL('../../logs/', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ixgate-logs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(
  paths: readonly string[],
  onProgress?: (read: number, total: number | null) => void,
) {
  const logs: { server: string; events: ObservedEvent[] }[] = [];
  const result = await readLogs(paths, { formats: logFormats(), onProgress }, ({ server }) => {
    const events: ObservedEvent[] = [];
    logs.push({ server, events });
    return { take: (event) => events.push(event) };
  });
  return { ...result, logs };
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** A zip of some files, written by hand. */
function zipOf(files: Readonly<Record<string, Buffer>>, { method = 8, flags = 0 } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    parts.push(Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.from('PK\x01\x02\x14\0'),
      fields,
      tail.subarray(0, 14),
      Buffer.from(name),
    );
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  const { length } = Object.keys(files);
  end.writeUInt16LE(length, 4);
  end.writeUInt16LE(length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06'), end]);
}

const good = () => readFile(`${corpus}form-client.log`);
const types = (events: readonly ObservedEvent[] | undefined) => events?.map(({ type }) => type);
const session = ['began', 'connected', 'said', 'said', 'disconnected'];

describe('A log is read', () => {
  test('plain, and told by what is in it, whatever it is called', async () => {
    const { logs, files } = await read([await file('what.ever', await good())]);
    expect(types(logs[0]?.events)).toEqual(session);
    expect(files).toMatchObject([{ server: 'ixn_lab@lab-ixn-1', format: 'interaction-server' }]);
  });

  test('from a gzip, of several members too', async () => {
    const text = await good();
    const half = text.length >> 1;
    const members = [gzipSync(text.subarray(0, half)), gzipSync(text.subarray(half))];
    const { logs } = await read([await file('a.gz', Buffer.concat(members))]);
    expect(types(logs[0]?.events)).toEqual(session);
  });

  test('from a zip, each of its files under its own name', async () => {
    const zip = zipOf({ 'one.log': await good(), 'in/two.log': await good() });
    const { files } = await read([await file('logs.zip', zip)]);
    expect(files.map(({ file: name }) => name.replace(folder, ''))).toEqual([
      '/logs.zip/in/two.log',
      '/logs.zip/one.log',
    ]);
  });

  test('as far as it goes, where what it is packed in breaks off', async () => {
    const text = Buffer.from(String(await good()).repeat(40));
    const packed = gzipSync(text);
    const { damages, counts, logs } = await read([await file('b.gz', packed.subarray(0, -9))]);
    expect(damages[0]?.reason).toMatch(/^the gzip breaks off: /);
    expect(counts.read).toBeGreaterThan(0);
    expect(logs[0]?.events.length).toBeGreaterThan(5);
  });

  test('from a folder: skips files that are not logs, with the reason', async () => {
    await file('mixed/a.log', await good());
    await file('mixed/b.txt', 'Dear diary\n');
    await file('mixed/c.bin', Buffer.from([0, 1, 2, 3]));
    await file('mixed/.hidden.log', await good());
    await file('mixed/deeper/d.log', await good());
    const { files, passedOver } = await read([join(folder, 'mixed')]);
    expect(files).toHaveLength(1);
    expect(passedOver.map(({ file: name, reason }) => [name.replace(folder, ''), reason])).toEqual([
      [
        '/mixed/b.txt',
        expect.stringMatching(/^is not a log in a known format \(ixgate recording, /),
      ],
      ['/mixed/c.bin', 'is binary, not a log'],
    ]);
  });

  test('once, however often it is named', async () => {
    const path = await file('twice.log', await good());
    expect((await read([path, join(folder, '.', 'twice.log')])).files).toHaveLength(1);
  });

  test('with its bytes told as they lie on the disk', async () => {
    const packed = gzipSync(await good());
    const told: [number, number | null][] = [];
    await read([await file('c.gz', packed)], (...progress) => told.push(progress));
    expect(told.at(-1)).toEqual([packed.length, packed.length]);
  });
});

describe('The files of one server are one log', () => {
  test('in order of time, whatever they are called', async () => {
    for (const [name, number] of [
      ['z', 1],
      ['a', 2],
      ['m', 3],
    ]) {
      await mkdir(join(folder, 'turned'), { recursive: true });
      await copyFile(`${corpus}rotated/ixn_lab.${number}.log`, join(folder, `turned/${name}.log`));
    }
    const { files, logs } = await read([join(folder, 'turned')]);
    expect(files.map(({ file: name }) => name.at(-5))).toEqual(['z', 'a', 'm']);
    expect(logs).toHaveLength(1);
  });

  test('by their names, where they do not say whose they are', async () => {
    const text = String(await readFile(`${corpus}stamp-iso.log`));
    await file('named/ixn_lab.20260302_080000_000.log', text);
    await file('named/ixn_lab.20260303_080000_000.log', text.replaceAll('03-02', '03-03'));
    await file('named/other.log.1', text);
    const { logs } = await read([join(folder, 'named')]);
    expect(logs.map(({ server }) => server)).toEqual(['ixn_lab', 'other']);
  });
});

describe('One sentence explains what cannot be read', () => {
  const rejects = async (paths: string[], sentence: RegExp | string) =>
    expect(read(paths)).rejects.toThrow(sentence);

  test('a missing file', () =>
    rejects([join(folder, 'nowhere')], /nowhere: cannot be read: file not found$/));

  test('an empty file', async () => {
    await rejects([await file('empty', '')], /empty: is empty: there is nothing to read in it$/);
  });

  test('a binary file', async () => {
    await rejects([await file('binary', Buffer.alloc(99))], /binary: is binary, not a log$/);
  });

  test('a text that is not a log', async () => {
    await rejects(
      [await file('diary', 'Dear diary\n')],
      /diary: is not a log in a known format \(/,
    );
  });

  test('a folder without a log', async () => {
    await file('none/diary', 'Dear diary\n');
    await rejects(
      [join(folder, 'none')],
      /none: there is no log in this folder \(1 other file\); known are: /,
    );
    await mkdir(join(folder, 'bare'));
    await rejects([join(folder, 'bare')], /bare: there is no log in this folder \(it is empty\)/);
  });

  test('a file that may not be read', async (context) => {
    const path = await file('secret.log', await good());
    await chmod(path, 0o000);
    if (process.getuid?.() === 0) {
      const why = 'root can read every file';
      console.log(`SKIPPED, a file that may not be read: ${why}`);
      context.skip(why);
    }
    await rejects([path], /secret\.log: cannot be read: permission denied$/);
  });

  test('an encrypted zip, a broken one, one without files', async () => {
    const text = await good();
    await rejects(
      [await file('locked.zip', zipOf({ a: text }, { flags: 1 }))],
      /a in it is encrypted/,
    );
    await rejects(
      [await file('broken.zip', zipOf({ a: text }).subarray(0, 60))],
      /is a broken zip: /,
    );
    await rejects([await file('bare.zip', zipOf({}))], /there is no file in this archive$/);
    await rejects(
      [await file('odd.zip', zipOf({ a: text }, { method: 99 }))],
      /unsupported compression method/,
    );
  });
});
