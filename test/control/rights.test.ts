import { describe, expect, test } from 'vitest';
import { ixgate, serving } from '../cli/in-process.js';
import { askHttp, type ControlAsk, controlled } from '../support/controlled.js';
import { lineClient, registerRequest } from '../support/line-client.js';

const token = 'a-token-of-some-length';
const bearer = { authorization: `Bearer ${token}` };

/** A gate with an admin port, and without a socket of live control. */
async function withAdmin(args: readonly string[] = []) {
  const gate = await serving(['--admin', 'http://127.0.0.1:0', ...args]);
  return {
    gate,
    ask: (path: string, what?: ControlAsk) => askHttp({ url: gate.admin }, path, what),
    ctl: (...words: string[]) => ixgate(['ctl', ...words, '--admin', gate.admin]),
    async [Symbol.asyncDispose]() {
      await gate[Symbol.asyncDispose]();
    },
  };
}

const changes: [method: string, path: string, body?: unknown][] = [
  ['DELETE', '/sessions?where=age>0'],
  ['DELETE', '/sessions/a-1'],
  ['POST', '/drain'],
  ['POST', '/resume'],
  ['POST', '/reload'],
  ['PATCH', '/config', { maxErrors: 1 }],
  ['PUT', '/log-level', { level: 'debug' }],
  ['POST', '/bans', { address: '192.0.2.7' }],
  ['DELETE', '/bans?address=192.0.2.7'],
  ['DELETE', '/penalties'],
];
const readings = [
  '/status',
  '/sessions?limit=1',
  '/sessions/a-1',
  '/config',
  '/log-level',
  '/bans',
  '/penalties',
];

describe('without a token', () => {
  test.each(changes)('%s %s is refused, and how to allow it', async (method, path, body) => {
    await using it = await withAdmin();
    const { status, value } = await it.ask(path, { method, body });
    expect([status, (value.error as { message: string }).message]).toEqual([
      403,
      'this gate has no token, so nothing can be changed here; start it with --admin-token, or with --control and use the unix socket',
    ]);
    expect((await it.ask('/status')).value).toMatchObject({
      state: 'running',
      service: { bans: 0 },
    });
    expect(it.gate.stdout).not.toContain('"event":"control"');
  });

  test('reading works as for /sessions, and ctl tells what a change needs', async () => {
    await using it = await withAdmin();
    for (const path of readings) {
      expect((await it.ask(path)).status, path).toBe(path === '/sessions/a-1' ? 404 : 200);
    }
    expect(await it.ctl('status')).toMatchObject({ code: 0 });
    expect(await it.ctl('drain')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('refused: this gate has no token'),
    });
  });
});

describe('ctl sessions', () => {
  test('shows ages through the admin port, too, without conditions', async () => {
    await using it = await withAdmin();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    const { code, stdout } = await it.ctl('sessions');
    expect({ code, lines: stdout.split('\n').slice(1) }).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(
          /^\S+ +desk-1 +AgentApplication +registered +tcp \S+ +\d+ m?s +- +0$/,
        ),
        '',
      ],
    });
  });
});

/** A list of ids longer than the admin port answers at once, with an unknown one at its start. */
const manyIds = (id: string) => ['absent-1', ...Array.from({ length: 60 }, () => id)];

describe('ctl kick of many ids', () => {
  test('previews them one by one, and reports unknown ones', async () => {
    await using it = await controlled();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    const [session] = (await it.json('sessions')).sessions as { id: string }[];
    const words = ['kick', '--dry-run', ...manyIds(session?.id ?? '')];
    const { code, stdout, stderr } = await it.ctl(...words);
    expect({ code, last: stdout.split('\n').slice(-2) }).toEqual({
      code: 3,
      last: ['would kick: 60', ''],
    });
    expect(stderr).toBe(`ixgate: ${it.control} refused: unknown session "absent-1"\n`);
  });

  test('says what was done before the admin port refuses more', async () => {
    await using it = await withAdmin(['--admin-token', token]);
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    const { sessions } = (await it.ask('/sessions', { headers: bearer })).value;
    const [session] = sessions as { id: string }[];
    const ids = [
      session?.id ?? '',
      ...Array.from({ length: 400 }, (_, index) => `absent-${index}`),
    ];
    const { code, stdout, stderr } = await it.ctl('kick', ...ids, '--token', token);
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'kicked: 1\n' });
    expect(stderr).toContain('refused: unknown session "absent-0"');
    expect(stderr.split('\n').slice(-2)).toEqual([
      expect.stringMatching(/ refused: too many requests/),
      '',
    ]);
    expect(await client.next()).toMatchObject({ errorCode: 14 });
  });
});

describe('with a token', () => {
  const guarded = ['--admin-token', token];

  test('the header changes the gate; the log has the address, and never the token', async () => {
    await using it = await withAdmin(guarded);
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    expect(await it.ctl('kick', '--where', 'client=desk-1', '--token', token)).toMatchObject({
      ...{ code: 0, stdout: 'kicked: 1\n' },
    });
    expect(await client.next()).toMatchObject({ errorCode: 14 });
    expect(await it.gate.event('control')).toMatchObject({
      ...{ action: 'kick', by: { via: 'token', remoteAddress: '127.0.0.1' } },
    });
    expect(it.gate.stdout).not.toContain(token);
    expect(
      await ixgate(['ctl', 'drain', '--admin', it.gate.admin], {
        env: { IXGATE_ADMIN_TOKEN: token },
      }),
    ).toMatchObject({ code: 0 });
  });

  test('no token and a wrong one are refused: 3', async () => {
    await using it = await withAdmin(guarded);
    for (const words of [['drain'], ['drain', '--token', 'another-token-of-length']]) {
      expect(await it.ctl(...words)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining(
          'refused: the token is missing or wrong; changes need the header Authorization: Bearer TOKEN',
        ),
      });
    }
    expect(await it.ctl('status')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('token required'),
    });
    expect((await it.ask('/status', { headers: bearer })).value).toMatchObject({
      state: 'running',
    });
  });

  test.each(changes)(
    '%s %s is refused with a cookie, with ?token= and to pages of another origin',
    async (method, path, body) => {
      await using it = await withAdmin(guarded);
      const { host } = new URL(it.gate.admin);
      const signedIn = await it.ask('/sign-in', {
        ...{ method: 'POST', headers: { 'ixgate-token': token, origin: `http://${host}` } },
      });
      const [cookie = ''] = String(signedIn.headers['set-cookie']).split(';');
      expect((await it.ask('/status', { headers: { cookie } })).status).toBe(200);
      const tried = async (more: string, headers: Record<string, string>) => {
        const { status } = await it.ask(`${path}${more}`, { method, body, headers });
        return status;
      };
      expect(await tried('', { cookie })).toBe(401);
      expect(await tried(`${path.includes('?') ? '&' : '?'}token=${token}`, {})).toBe(401);
      expect(await tried('', { ...bearer, origin: 'https://evil.example' })).toBe(403);
      expect(await tried('', { ...bearer, origin: 'null' })).toBe(403);
      expect((await it.ask('/status', { headers: bearer })).value).toMatchObject({
        state: 'running',
        service: { bans: 0 },
      });
      // Its own origin, with the header, is the page.
      expect([200, 404]).toContain(await tried('', { ...bearer, origin: `http://${host}` }));
    },
  );

  test('reading needs it, too, except the OpenAPI document', async () => {
    await using it = await withAdmin(guarded);
    for (const path of readings) expect((await it.ask(path)).status, path).toBe(401);
    expect((await it.ask('/openapi.json')).status).toBe(200);
    expect((await it.ask('/help')).body).toMatch(/^\/drain +POST: Rejects new connections/m);
  });

  test('an address that asks too often gets 429', async () => {
    await using it = await withAdmin(guarded);
    const answers = await Promise.all(
      Array.from({ length: 120 }, () => it.ask('/bans', { headers: bearer })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['retry-after']).toBe('1');
  });

  test('requests addressed to another machine are refused', async () => {
    await using it = await withAdmin(guarded);
    const headers = { ...bearer, host: 'evil.example' };
    expect((await it.ask('/drain', { method: 'POST', headers })).status).toBe(403);
  });
});
