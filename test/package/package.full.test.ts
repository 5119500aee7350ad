import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { runNode } from '../support/run-node.js';

const run = promisify(execFile);
const npm = (args: string[], cwd?: string) =>
  run('npm', args, { cwd, shell: process.platform === 'win32', maxBuffer: 2 ** 26 });

/** The subpaths of optional peer dependencies, which the empty folder does not have. */
const peers: Readonly<Record<string, string>> = {
  'ixgate/react': 'react',
  'ixgate/nestjs': '@nestjs/microservices',
};
const subpaths = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => subpath.replace(/^\./, 'ixgate'))
  .filter((subpath) => peers[subpath] === undefined);

/** Lines of `npm ls --all --parseable`: the packages, and one for the folder. */
async function linesOfList(folder: string): Promise<number> {
  const { stdout } = await npm(['ls', '--all', '--parseable'], folder);
  return stdout.trim().split('\n').length;
}

const script = `
import assert from 'node:assert/strict';
import { once } from 'node:events';
const modules = {};
for (const name of ${JSON.stringify(subpaths)}) modules[name] = await import(name);
for (const [name, module] of Object.entries(modules)) assert(Object.keys(module).length > 0, name);
for (const [name, peer] of Object.entries(${JSON.stringify(peers)}))
  await assert.rejects(import(name), new RegExp(\`Cannot find package '\${peer}'\`));
const { createServer, createClient, registrationMachine } = modules.ixgate;
assert.equal(registrationMachine, modules['ixgate/machines'].registrationMachine);
const server = await createServer({
  listen: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0'],
  validator: modules['ixgate/validators'].permissive(),
});
for (const endpoint of server.endpoints) {
  const client = createClient({ endpoints: endpoint, clientName: 'desk-1', clientType: 'Proxy' });
  const { ack } = await client.registered;
  assert.equal(ack.messageName, 'EventAck');
  await client.close();
}
await server.close();
console.log('it works');
`;

const typedScript = `
import { createClient, createServer, type GateServer, type StepRecord } from 'ixgate';
import { configurationOf, registrationMachine } from 'ixgate/machines';
import { permissive } from 'ixgate/validators';
import { formatEndpoint } from 'ixgate/transports';
import { jsonCodec } from 'ixgate/wire';
import * as tester from 'ixgate/tester';

const server: GateServer = await createServer({
  listen: ['tcp://127.0.0.1:0'],
  validator: permissive(),
  codec: jsonCodec,
  onMessage: ({ message, reply }) => {
    const name: string = message.messageName;
    reply.ack({ name });
  },
});
server.on('step', (step: StepRecord) => console.log(step.seq.toFixed()));
const client = createClient({
  endpoints: server.endpoints.map(formatEndpoint),
  clientName: 'desk-1',
  clientType: 'AgentApplication',
});
const { elapsedMs } = await client.registered;
console.log(elapsedMs.toFixed(), configurationOf, registrationMachine.id, typeof tester);
// @ts-expect-error: no such client type
createClient({ endpoints: [], clientName: 'desk-1', clientType: 'Desk' });
`;

describe('the package that npm would publish', () => {
  let folder: string;
  let tarball: string;
  let consumer: string;
  let files: string[];
  let lines: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ixgate-package-'));
    consumer = join(folder, 'consumer');
    await mkdir(consumer);
    // Without scripts: what is packed is the build that all tests share.
    const packed = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
    const [{ filename, files: list }] = JSON.parse(packed.stdout);
    tarball = join(folder, filename);
    files = list.map(({ path }: { path: string }) => path);
    await writeFile(join(consumer, 'package.json'), '{ "type": "module", "private": true }');
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund'];
    await npm([...install, tarball], consumer);
    lines = await linesOfList(consumer);
    await npm([...install, `@types/node@${manifest.devDependencies['@types/node']}`], consumer);
  }, 180_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('contains the build, its sources and its documents, and no development files', () => {
    for (const file of [
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'SECURITY.md',
      'docs/protocol.md',
      'deploy/grafana/ixgate.json',
      'deploy/prometheus/ixgate.rules.yml',
      'dist/adapters/cli/main.js',
      'dist/machines/index.d.ts',
      'dist/viz/index.html',
      'dist/viz/report.html',
      'dist/viz/view/view.js',
      'machines/index.ts',
    ]) {
      expect(files).toContain(file);
    }
    const unexpected = files.filter(
      (file) => !/^(dist|machines|adapters|deploy|docs|examples|man)\//.test(file),
    );
    expect(unexpected.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'package.json',
    ]);
    expect(files.filter((file) => /tsbuildinfo|tsconfig|\.stamp|\.test\./.test(file))).toEqual([]);
  });

  it('works in an empty folder: every subpath resolves, and a client registers at a server', async () => {
    const file = join(consumer, 'try.mjs');
    await writeFile(file, script);
    const { code, stdout, stderr } = await runNode([file], { cwd: consumer });
    expect(stderr).toBe('');
    expect(stdout).toBe('it works\n');
    expect(code).toBe(0);
  });

  it('brings fewer than 60 packages, and fewer than 25 without those of the command line, which then names one', async () => {
    expect(lines).toBeLessThan(60);
    const service = join(folder, 'service');
    await mkdir(service);
    await writeFile(join(service, 'package.json'), '{ "type": "module", "private": true }');
    const install = ['install', '--omit=optional', '--prefer-offline', '--no-audit', '--no-fund'];
    await npm([...install, tarball], service);
    expect(await linesOfList(service)).toBeLessThan(25);
    await writeFile(join(service, 'try.mjs'), script);
    const tried = await runNode(['try.mjs'], { cwd: service });
    expect(tried).toEqual({ code: 0, stdout: 'it works\n', stderr: '' });
    const command = await runNode(['node_modules/ixgate/adapters/cli/ixgate.mjs', 'serve'], {
      cwd: service,
    });
    expect(command.stderr).toBe(
      'ixgate: commander is not installed, which only the command needs. Install ixgate without --omit=optional\n',
    );
    expect(command.code).toBe(2);
  }, 120_000);

  it('has the command ixgate', async () => {
    const { stdout } = await npm(['exec', '--no', 'ixgate', '--', '--version'], consumer);
    expect(stdout.trim()).toBe(manifest.version);
  });

  it('names in one line the package to install for @xstate/inspect, MQTT, PNG, Stately or --otlp', async () => {
    const program = join(consumer, 'node_modules/ixgate/dist/adapters/cli/main.js');
    const ports = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'http://127.0.0.1:0'];
    const inject = await runNode([program, 'serve', ...ports, '--allow-inject'], { cwd: consumer });
    expect(inject.stderr).toBe(
      'ixgate: @xstate/inspect is not installed. Install it: npm install @xstate/inspect@0.8.0 xstate@4\n',
    );
    expect(inject.code).toBe(2);
    const mqtt = await runNode([program, 'check', '--protocol', 'mqtt-connect'], { cwd: consumer });
    expect(mqtt.stderr).toBe(
      'ixgate: mqtt-packet is not installed. Install it: npm install mqtt-packet@9\n',
    );
    expect(mqtt.code).toBe(2);
    await writeFile(
      join(consumer, 'light.mjs'),
      "import { createMachine } from 'xstate'; export const light = createMachine({ id: 'light' });",
    );
    const png = await runNode([program, 'viz', '--machine', 'light.mjs', '--png', 'light.png'], {
      cwd: consumer,
    });
    expect(png.stderr).toBe(
      'ixgate: @resvg/resvg-js is not installed. Install it: npm install @resvg/resvg-js@2\n',
    );
    expect(png.code).toBe(2);
    const stately = await runNode([program, 'serve', ...ports, '--stately'], { cwd: consumer });
    expect(stately.stderr).toBe(
      'ixgate: @statelyai/inspect is not installed. Install it: npm install @statelyai/inspect\n',
    );
    expect(stately.code).toBe(2);
    const otlp = ['--otlp', 'http://127.0.0.1:4318'];
    const exporting = await runNode([program, 'serve', ...ports, ...otlp], { cwd: consumer });
    expect(exporting.stderr).toMatch(
      /^ixgate: --otlp: @opentelemetry\/[\w-]+ is not installed. Install it: npm install @opentelemetry\/api@.*\n$/,
    );
    expect(exporting.code).toBe(2);
  });

  it('has types that pass in a strict project, libraries included', async () => {
    await writeFile(join(consumer, 'typed.ts'), typedScript);
    await writeFile(
      join(consumer, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          target: 'ES2022',
          lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
          module: 'NodeNext',
          types: ['node'],
          noEmit: true,
        },
        files: ['typed.ts'],
      }),
    );
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const { code, stdout } = await runNode([tsc, '-p', consumer]);
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  it('shows sessions on /xstate after the installation', async () => {
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund'];
    await npm([...install, '@xstate/inspect@0.8.0', 'xstate@4'], consumer);
    await writeFile(
      join(consumer, 'inspect.mjs'),
      `import { createServer } from 'ixgate';
       import { createInspectBridge } from 'ixgate/inspector';
       const server = await createServer();
       const bridge = createInspectBridge(server);
       console.log(bridge.counts.viewers);
       bridge.close();
       await server.close();`,
    );
    const ran = await runNode(['inspect.mjs'], { cwd: consumer });
    expect(ran).toEqual({ code: 0, stdout: '0\n', stderr: '' });
  }, 120_000);

  it('passes publint', async () => {
    const bytes = await readFile(tarball);
    const archive = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball: archive as ArrayBuffer } });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  it('passes arethetypeswrong', async () => {
    const attw = resolve('node_modules/@arethetypeswrong/cli/dist/index.js');
    const { code, stdout } = await runNode([attw, tarball, '--profile', 'esm-only']);
    expect(code, stdout).toBe(0);
  }, 180_000);
});
