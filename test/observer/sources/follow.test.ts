import { execFileSync } from 'node:child_process';
import {
  appendFile,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logFormats, readLogs } from '../../../adapters/observer/index.js';
import { growthOf } from '../../../adapters/observer/sources/growing-file.js';
import type { ObservedEvent } from '../../../machines/index.js';

const corpus = new URL('../../logs/', import.meta.url).pathname;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ixgate-follow-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What is read of a log while it grows. */
class Following {
  readonly events: ObservedEvent[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #end = new AbortController();
  readonly #read: ReturnType<typeof readLogs>;

  constructor(path: string) {
    const options = { formats: logFormats(), follow: true, signal: this.#end.signal };
    this.#read = readLogs([path], options, () => ({
      take: (event) => {
        this.events.push(event);
        for (const look of [...this.#waiting]) look();
      },
    }));
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** Resolves when so many events have come. */
  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.events.length < count) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  end() {
    this.#end.abort();
    return this.#read;
  }
}

const parts = async () => {
  const text = String(await readFile(`${corpus}form-client.log`));
  const at = text.indexOf('08:00:01.112');
  return [text.slice(0, at), text.slice(at)] as const;
};

/** A copy that is newer than the file, however late it is looked at. */
async function copyNewer(path: string, copy: string): Promise<void> {
  await copyFile(path, copy);
  const later = new Date(Date.now() + 3_600_000);
  await utimes(copy, later, later);
}

describe('A log that is followed', () => {
  test('is read as it grows, a half line when its other half has come', async () => {
    const [first, second] = await parts();
    const path = join(folder, 'ixn.log');
    await writeFile(path, first.slice(0, -10));
    const following = new Following(path);
    await following.until(2);
    await appendFile(path, first.slice(-10) + second.slice(0, 20));
    await appendFile(path, second.slice(20));
    await following.until(5);
    expect(following.types).toEqual(['began', 'connected', 'said', 'said', 'disconnected']);
    const { counts, damaged } = await following.end();
    expect(counts.read).toBe(counts.used + counts.ignored);
    expect(damaged).toBe(0);
  });

  test('that is renamed and written again is followed, after the end of the old file', async () => {
    const [first, second] = await parts();
    const path = join(folder, 'ixn.log');
    await writeFile(path, first);
    const following = new Following(path);
    await following.until(2);
    await appendFile(path, second);
    await rename(path, join(folder, 'ixn.log.1'));
    await writeFile(path, first.replace('(1)', '(2)') + second);
    await following.until(10);
    expect(following.types.filter((type) => type === 'began')).toHaveLength(2);
    expect((await following.end()).files).toHaveLength(2);
  });

  test('T89: that is replaced by a pipe is followed again when a file takes its place', async () => {
    const path = join(folder, 'ixn.log');
    await writeFile(path, 'first');
    const end = new AbortController();
    let looks = 0;
    const hasNext = async () => {
      looks += 1;
      return false;
    };
    const grown: string[] = [];
    const reading = (async () => {
      for await (const growth of growthOf(path, end.signal, hasNext)) grown.push(String(growth));
    })();
    const looked = async () => {
      const before = looks;
      await expect.poll(() => looks).toBeGreaterThan(before + 1);
    };
    await looked();
    execFileSync('mkfifo', [`${path}.new`]);
    await rename(`${path}.new`, path);
    await looked();
    await writeFile(`${path}.new`, 'second');
    await rename(`${path}.new`, path);
    await expect.poll(() => grown).toEqual(['first', 'rotated', 'second']);
    end.abort();
    await reading;
  });

  test('that is cut is read from its beginning, and something is missing', async () => {
    const [first, second] = await parts();
    const path = join(folder, 'ixn.log');
    await writeFile(path, first + second);
    const following = new Following(path);
    await following.until(5);
    await truncate(path, 0);
    await appendFile(path, first.slice(0, 420));
    await following.until(7);
    expect(following.events[5]).toMatchObject({ type: 'missing', reason: 'gap' });
    await following.end();
  });

  test('in a folder goes on in the next file of the same server', async () => {
    await writeFile(
      join(folder, 'ixn_lab.1.log'),
      await readFile(`${corpus}rotated/ixn_lab.1.log`),
    );
    const following = new Following(folder);
    await following.until(2);
    await writeFile(
      join(folder, 'ixn_lab.2.log'),
      await readFile(`${corpus}rotated/ixn_lab.2.log`),
    );
    await following.until(5);
    expect(following.types.filter((type) => type === 'began')).toHaveLength(2);
    await following.end();
  });

  test('T53: that is copied and then cut is read on after the cut, and its copy is not read', async () => {
    const [first, second] = await parts();
    const path = join(folder, 'ixn.log');
    await writeFile(path, first);
    const following = new Following(path);
    await following.until(2);
    await copyNewer(path, join(folder, 'ixn.log.1'));
    await appendFile(path, second);
    await following.until(5);
    await truncate(path, 0);
    await appendFile(path, first);
    await following.until(8);
    await copyNewer(path, join(folder, 'ixn.log.2'));
    await appendFile(path, second);
    await following.until(11);
    expect(following.types.filter((type) => type === 'began')).toHaveLength(2);
    const { files } = await following.end();
    expect(files.map(({ file }) => file)).toEqual([path, path]);
  });

  test('T53: a log that has gone goes on in the next file of the same server', async () => {
    const [one, two] = ['ixn_lab.1.log', 'ixn_lab.2.log'];
    await writeFile(join(folder, one), await readFile(`${corpus}rotated/${one}`));
    const following = new Following(folder);
    await following.until(2);
    await rm(join(folder, one));
    await writeFile(join(folder, two), await readFile(`${corpus}rotated/${two}`));
    await following.until(5);
    await following.end();
  });

  test('cannot be packed, and cannot be of two servers', async () => {
    const text = String(await readFile(`${corpus}form-client.log`));
    await writeFile(join(folder, 'a.log'), text);
    await writeFile(join(folder, 'b.log'), text.replace('ixn_lab', 'ixn_other'));
    await expect(new Following(folder).end()).rejects.toThrow(
      /only one log can be followed, not those of ixn_lab@/,
    );
  });
});
