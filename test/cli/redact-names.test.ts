import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../../adapters/client/index.js';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { OptionError } from '../../adapters/runtime/errors.js';
import { createServer } from '../../adapters/server/index.js';
import { openTap } from '../../adapters/tap/index.js';
import { recordingText, type StepRecord, type WireMessage } from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { ixgate, serving } from './in-process.js';

/** These tests start separate processes, which are slow on a busy machine. */
const patient = { timeout: 30_000 };
const secrets = ['pin', 'auth', 'pair', 'ssn', 'card'].map((name) => `${name}-lorem-ipsum`);
const [pin, auth, pair, ssn, card] = secrets;
const further = ['--redact-names', 'ssn,cardNumber'];
const names = ['ssn', 'cardNumber'];

const login = {
  messageName: 'RequestAgentLogin',
  referenceId: 2,
  userPin: pin,
  headers: { 'X-Auth': auth },
  properties: [{ name: 'password', value: pair }],
  customerSsn: ssn,
  list: [{ key: 'card_number', value: card }],
  opinion: 'shown-lorem-ipsum',
};

/** What is found of the secrets, by where it stands; each place has the message itself. */
function secretsIn(written: Record<string, string>): string[] {
  return Object.entries(written).flatMap(([where, text]) => {
    expect(text, where).toContain('shown-lorem-ipsum');
    return secrets.filter((secret) => text.includes(secret)).map((secret) => `${where}: ${secret}`);
  });
}

describe('T90: secrets, and what --redact-names adds to them', () => {
  test('T90: are masked by serve: in recordings, the feed, /xstate and the log', async () => {
    await using folder = await temporaryFolder();
    await using gate = await serving([
      ...['--admin', 'http://127.0.0.1:0', '--log-level', 'trace', ...further],
      ...['--record', folder.path, '--record-sync', 'always'],
    ]);
    const heard = { feed: '', xstate: '' };
    const open = async (where: keyof typeof heard, path: string, first: string) => {
      const socket = new WebSocket(gate.admin.replace('http', 'ws') + path);
      socket.on('message', (data) => {
        heard[where] += String(data);
      });
      await once(socket, 'open');
      socket.send(first);
      return socket;
    };
    const feed = await open('feed', '/feed', '{"type":"list"}');
    const xstate = await open('xstate', '/xstate', '{"type":"xstate.inspecting"}');
    await using desk = await lineClient(gate.port);
    await desk.ask(registerRequest());
    await desk.ask(login);
    const found = () => /"session":"([^"]+)"[^{}]*"clientName":"desk-1"/.exec(heard.feed)?.[1];
    await expect.poll(found, patient).toBeDefined();
    feed.send(JSON.stringify({ type: 'watch', session: found(), after: 0 }));
    await expect.poll(() => heard.feed, patient).toContain('shown-lorem-ipsum');
    await expect.poll(() => heard.xstate, patient).toContain('shown-lorem-ipsum');
    feed.terminate();
    xstate.terminate();
    gate.kill('SIGTERM');
    await gate.ended;
    const [file = ''] = await readdir(folder.path);
    const recording = await readFile(join(folder.path, file), 'utf8');
    expect(secretsIn({ ...heard, recording })).toEqual([]);
    expect(secrets.filter((secret) => (gate.stdout + gate.stderr).includes(secret))).toEqual([]);
  }, 30_000);

  test('T90: are masked by the server, the client and the tap of the library, and by analyze', async () => {
    const steps = { raw: [], server: [], client: [], tap: [] } as Record<string, StepRecord[]>;
    const keep = (where: string) => (step: StepRecord) => void steps[where]?.push(step);
    const listen = ['tcp://127.0.0.1:0'];
    await using raw = await createServer({ listen, redact: (message) => message });
    raw.on('step', keep('raw'));
    await using tap = await openTap({
      listen: 'tcp://127.0.0.1:0',
      to: raw.endpoints.map(formatEndpoint)[0] ?? '',
      redactNames: names,
    });
    tap.on('step', keep('tap'));
    await using server = await createServer({ listen, redactNames: names });
    server.on('step', keep('server'));
    for (const [where, { endpoints }] of Object.entries({ tap, server })) {
      await using client = createClient({
        endpoints: endpoints.map(formatEndpoint),
        clientName: 'desk-1',
        clientType: 'AgentApplication',
        redactNames: names,
      });
      client.on('step', keep('client'));
      await client.registered;
      client.send(login as WireMessage);
      await expect.poll(() => JSON.stringify(steps[where]), patient).toContain('shown-lorem-ipsum');
    }
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'raw.jsonl'), recordingText(steps.raw ?? []));
    const args = ['analyze', 'raw.jsonl', '--record', 'out.jsonl', ...further];
    const { stdout, stderr } = await ixgate(args, { cwd: folder.path });
    expect(stderr).toBe('');
    expect(secrets.filter((secret) => stdout.includes(secret))).toEqual([]);
    const { raw: _, ...masked } = steps;
    const written = {
      ...Object.fromEntries(Object.entries(masked).map(([at, all]) => [at, JSON.stringify(all)])),
      analyze: await readFile(join(folder.path, 'out.jsonl'), 'utf8'),
    };
    expect(secretsIn(written)).toEqual([]);
    expect(secretsIn({ raw: JSON.stringify(steps.raw) })).toHaveLength(secrets.length);
  }, 30_000);

  test('T90: a name without a letter is an error', async () => {
    await expect(createServer({ redactNames: ['ssn', '12'] })).rejects.toThrow(OptionError);
    const endpoint = 'tcp://127.0.0.1:1';
    const who = { clientName: 'a', clientType: 'Proxy' } as const;
    expect(() => createClient({ endpoints: [endpoint], ...who, redactNames: [''] })).toThrow(
      OptionError,
    );
    const commands = [
      ['serve', '--redact-names', 'ssn,12'],
      ['tap', '--listen', endpoint, '--to', endpoint, '--redact-names', 'ssn,12'],
      ['analyze', 'nowhere.log', '--redact-names', 'ssn,12'],
    ];
    for (const { code, stderr } of await Promise.all(commands.map((args) => ixgate(args)))) {
      expect(stderr).toContain('allowed: names of attributes, each with a letter');
      expect(code).toBe(2);
    }
  });
});
