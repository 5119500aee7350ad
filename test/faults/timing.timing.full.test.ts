import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClientList } from '../../adapters/validators/client-list.js';
import { readListedClients } from '../../adapters/validators/client-list-file.js';
import { Wildcard } from '../../adapters/validators/wildcard.js';
import { TokenGuard } from '../../adapters/web/guard.js';
import type { RequestRegisterClient } from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';
import { type LineClient, lineClient, registerRequest } from '../support/line-client.js';

const compared = vi.hoisted(() => ({ lengths: [] as number[][] }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    timingSafeEqual(one: Buffer, other: Buffer) {
      compared.lengths.push([one.length, other.length]);
      return crypto.timingSafeEqual(one, other);
    },
  };
});

/** Names of equal length that differ only in whether they are known. */
const known = 'desk-known-1';
const unknown = 'desk-other-1';
const patterns = 2_000;
const listed = JSON.stringify({
  clients: [
    { name: known, types: ['AgentApplication'] },
    { pattern: 'first-*' },
    ...Array.from({ length: patterns - 2 }, (_, number) => ({ pattern: `desk-${number}-*` })),
    { pattern: 'last-*' },
  ],
});

describe('T31: a list of clients does the same work for every name', () => {
  afterEach(() => vi.restoreAllMocks());

  it('T31: every pattern is tried once, whether the name is listed, fits a pattern or is unknown', async () => {
    const list = await ClientList.of(readListedClients('clients.json', listed));
    const tried = vi.spyOn(Wildcard.prototype, 'matches');
    for (const clientName of [known, 'first-1', 'last-1', unknown]) {
      tried.mockClear();
      const request = registerRequest({ clientName }) as unknown as RequestRegisterClient;
      expect(list.verdictOn(request).valid).toBe(clientName !== unknown);
      expect(tried).toHaveBeenCalledTimes(patterns);
    }
  });
});

/** The lower decile: other work on the machine only adds time, so it changes the fast answers least. */
function fast(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 10)] ?? 0;
}

describe('T31: the response time of a gate', () => {
  const made: { file?: string } = {};
  beforeAll(async () => {
    const folder = await temporaryFolder();
    made.file = join(folder.path, 'clients.json');
    await writeFile(made.file, listed);
    return () => folder[Symbol.asyncDispose]();
  });

  /** A gate in a separate process: its work after an answer is not measured. */
  async function gate(...slower: string[]) {
    const script = fileURLToPath(new URL('timing-gate.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, made.file ?? '', ...slower], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = await once(child.stdout.setEncoding('utf8'), 'data');
    return {
      port: Number(port),
      async [Symbol.asyncDispose]() {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  /** Microseconds until the answer to a registration, and the answer. */
  async function timed(client: LineClient, clientName: string, clientType: string) {
    const request = registerRequest({ clientName, clientType });
    const begin = performance.now();
    const answer = await client.ask(request);
    return { took: (performance.now() - begin) * 1_000, answer };
  }

  /** The difference in microseconds between the fast answers of two kinds, asked for in turns. */
  async function difference(
    pairs: number,
    one: () => Promise<number>,
    other: () => Promise<number>,
  ): Promise<number> {
    const ones: number[] = [];
    const others: number[] = [];
    for (let pair = -20; pair < pairs; pair += 1) {
      const before = pair % 2 === 0 ? await other() : null;
      const took = await one();
      const paired = before ?? (await other());
      // Warm-up.
      if (pair < 0) continue;
      ones.push(took);
      others.push(paired);
    }
    return fast(ones) - fast(others);
  }

  /** Both rejected on one connection: the known name with a type that it may not have. */
  async function refused(port: number): Promise<number> {
    await using client = await lineClient(port);
    const ask = (name: string) => async () => {
      const { took, answer } = await timed(client, name, 'Proxy');
      expect(answer).toMatchObject({ messageName: 'EventError', errorCode: 2 });
      return took;
    };
    return await difference(1_500, ask(known), ask(unknown));
  }

  /** Each on a separate connection: the known name is registered. */
  async function granted(port: number): Promise<number> {
    const ask = (name: string, messageName: string) => async () => {
      await using client = await lineClient(port);
      const { took, answer } = await timed(client, name, 'AgentApplication');
      expect(answer).toMatchObject({ messageName });
      return took;
    };
    return difference(400, ask(known, 'EventAck'), ask(unknown, 'EventError'));
  }

  // Half of the control's delay.
  const bound = 25;

  /** The differences of refused and granted names; up to three measurements, because other work on the machine can move one by more than `bound`. */
  async function measured(port: number, isExpected: (us: number) => boolean): Promise<number[]> {
    let found: number[] = [];
    for (let left = 3; left > 0; left -= 1) {
      found = [await refused(port), await granted(port)];
      if (found.every(isExpected)) break;
    }
    return found;
  }

  it('T31: does not reveal whether a name is known, refused or registered', async () => {
    await using it = await gate();
    const found = await measured(it.port, (us) => Math.abs(us) < bound);
    console.info(`known - unknown, refused and granted: ${JSON.stringify(found)} us`);
    for (const us of found) expect(Math.abs(us)).toBeLessThan(bound);
  }, 60_000);

  it('T31: would reveal it with a delay of 50 us: the test is sensitive enough', async () => {
    await using it = await gate(known, '50');
    const found = await measured(it.port, (us) => us > bound);
    console.info(`the same with 50 us more: ${JSON.stringify(found)} us`);
    for (const us of found) expect(us).toBeGreaterThan(bound);
  }, 60_000);
});

describe('T31: a token', () => {
  it('T31: is compared by digests of one length in constant time, whatever token is sent', () => {
    const token = 'correct-horse-battery';
    const guard = new TokenGuard(token);
    const shown = ['c', 'x'.repeat(21), `${token.slice(0, -1)}x`, `${token}${token}`, 'ü', token];
    compared.lengths = [];
    const verdicts = shown.flatMap((given) => {
      const headers = { authorization: `Bearer ${given}` };
      const url = `/sessions?token=${encodeURIComponent(given)}`;
      return [{ headers }, { headers: {}, url }].map((request) =>
        guard.admits(request as unknown as IncomingMessage),
      );
    });
    expect(verdicts.map(Number).join('')).toBe('000000000011');
    expect(compared.lengths).toEqual(Array(shown.length * 2).fill([32, 32]));
    expect(guard.admits({ headers: {} } as IncomingMessage)).toBe(false);
  });
});
