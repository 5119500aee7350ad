import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AdminPort,
  type AdminPortOptions,
  openAdminPort,
} from '../../adapters/admin/admin-port.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';

closeGatesAfterEach();
const token = 'correct-horse-battery-staple';
const publicUrl = 'https://gate.example/ops/';
const admins: AdminPort[] = [];
afterEach(async () => {
  await Promise.all(admins.splice(0).map((admin) => admin.close()));
});

async function openAdmin(options: AdminPortOptions): Promise<AdminPort> {
  const { server } = await openGate();
  const admin = await openAdminPort(server, { listen: 'http://127.0.0.1:0', ...options });
  admins.push(admin);
  return admin;
}

/** Returns the status and text of the answer; `fetch` would not send the given Host header. */
async function ask(url: string, headers: Record<string, string>): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve([response.statusCode ?? 0, String(Buffer.concat(parts))]));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('With a public URL', () => {
  it('requests may be addressed to its host, and to no other', async () => {
    const { url } = await openAdmin({ token, publicUrl });
    const hosts = ['gate.example', 'gate.example:443', 'GATE.example', 'other.example'];
    const answers = await Promise.all(hosts.map((host) => ask(`${url}/healthz`, { host })));
    expect(answers.map(([status]) => status)).toEqual([200, 200, 200, 403]);
    expect(answers[3]?.[1]).toContain('--admin-public-url');
  });

  it('the page learns whether it may connect from its origin', async () => {
    const { url } = await openAdmin({ token, publicUrl });
    const accessFor = async (origin: string, suffix = '') => {
      const [, text] = await ask(
        `${url}/recordings.json?origin=${encodeURIComponent(origin)}${suffix}`,
        {},
      );
      return JSON.parse(text).access;
    };
    expect(await accessFor('https://gate.example')).toBe('token-needed');
    expect(await accessFor('https://gate.example', `&token=${token}`)).toBe('granted');
    expect(await accessFor(url)).toBe('token-needed');
    for (const other of ['http://gate.example', 'https://gate.example:8443', 'null', 'x'])
      expect(await accessFor(other), other).toBe('origin-refused');
  });

  it.each([
    ['ftp://gate.example/', 'an http or https URL'],
    ['gate.example', 'an http or https URL'],
    ['https://gate.example/?a=1', 'an http or https URL'],
    ['https://user:secret@gate.example/', 'an http or https URL'],
  ])('%s is refused with what is allowed', async (wrong, allowed) => {
    const opened = openAdmin({ token, publicUrl: wrong });
    await expect(opened).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining(allowed),
    });
    await expect(opened).rejects.not.toThrow('secret');
  });

  it('a token is needed, unless it names this machine', async () => {
    await expect(openAdmin({ publicUrl })).rejects.toThrow('a token');
    await openAdmin({ publicUrl: 'https://localhost:8443/' });
    await openAdmin({ publicUrl: 'https://[::1]:8443/' });
  });
});

describe('The limits of an address', () => {
  /** How many of 120 requests at once are not answered 429, by what X-Forwarded-For says for each. */
  async function answered(options: AdminPortOptions, forwardedFor: (index: number) => string) {
    const { url } = await openAdmin(options);
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, index) =>
        ask(`${url}/sessions`, { 'x-forwarded-for': forwardedFor(index) }),
      ),
    );
    return answers.filter(([status]) => status === 200).length;
  }
  const trustProxy = ['127.0.0.1', '10.0.0.0/8'];

  it('hold for each client behind a trusted proxy', async () => {
    expect(await answered({ trustProxy }, (index) => `192.0.2.${index}`)).toBe(120);
    expect(await answered({ trustProxy }, (index) => `192.0.2.${index}, 10.0.0.7`)).toBe(120);
    expect(await answered({ trustProxy }, (index) => `[2001:db8:0:${index}::1]:4711`)).toBe(120);
  });

  it.each([
    ['no proxy is trusted', [], (index: number) => `192.0.2.${index}`],
    [
      'another proxy is trusted than the one that sends',
      ['192.0.2.0/24'],
      (index: number) => `198.51.100.${index}`,
    ],
    [
      'a client sends its own addresses before those that the proxy adds',
      trustProxy,
      (index: number) => `192.0.2.${index}, 198.51.100.1`,
    ],
    ['the header is not an address', trustProxy, (index: number) => `desk-${index}`],
    [
      'a trusted proxy adds a text that is not an address',
      trustProxy,
      (index: number) => `192.0.2.${index}, unknown`,
    ],
  ])('hold for all together where %s', async (_, trusted, forwardedFor) => {
    expect(await answered({ trustProxy: trusted }, forwardedFor)).toBeLessThan(120);
  });

  it('a proxy that is not an address or a block is refused', async () => {
    await expect(openAdmin({ trustProxy: ['nginx'] })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('"nginx"'),
    });
  });
});
