import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { temporaryFolder } from '../support/folder.js';
import { type Container, execAlone, hasNamespaces, startContainer } from './container.js';
import { FolderBuild, type Stage, stagesOf, textsOf } from './dockerfile.js';
import { milliseconds } from './durations.js';

const dockerfile = await readFile('deploy/docker/Dockerfile', 'utf8');
const [build, install, image] = stagesOf(dockerfile) as [Stage, Stage, Stage];
const isThere = await hasNamespaces();

/** What a clean clone has: the files that git knows, without those that the image ignores. */
async function clone(folder: string): Promise<void> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await promisify(execFile)('git', args, { maxBuffer: 2 ** 26 });
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file may be deleted and not committed yet.
    await cp(file, join(folder, file)).catch(() => {});
  }
  const ignored = await readFile('deploy/docker/Dockerfile.dockerignore', 'utf8');
  for (const line of ignored.split('\n').filter((one) => /^\w/.test(one)))
    await rm(join(folder, line), { recursive: true, force: true });
}

describe('deploy/docker', () => {
  it('has a Dockerfile without mistakes', () => {
    expect(validate(dockerfile)).toEqual([]);
    expect(validate(dockerfile.replace('--interval', '--intervall'))).toHaveLength(1);
    for (const { instructions } of [build, install, image])
      expect(instructions[0]?.text).toMatch(/^node:24-slim( AS \w+)?$/);
    // Signals reach Node only without a shell.
    for (const name of ['ENTRYPOINT', 'CMD']) expect(textsOf(image, name)[0]).toMatch(/^\[/);
    expect(textsOf(image, 'USER')).toEqual(['node']);
    expect(textsOf(image, 'RUN')).toEqual([]);
  });

  it.each(['compose.yaml', 'compose.cluster.yaml'])(
    'has %s, which its schema and a linter accept',
    async (name) => {
      // The order of keys is that of the explanation.
      const rules = Object.fromEntries(
        ['service-keys-order', 'top-level-properties-order', 'services-alphabetical-order'].map(
          (rule) => [rule, 0 as const],
        ),
      );
      const file = `deploy/docker/${name}`;
      const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
      const [result] = linter.lintFiles([file], false);
      expect(result?.messages ?? []).toEqual([]);
      const { services, configs, secrets } = parse(await readFile(file, 'utf8'), { merge: true });
      const { drain, drainDelay = '0s' } = parse(configs.gate.content);
      const gates = Object.keys(services).filter((service) => service.startsWith('gate'));
      expect(gates.length).toBeGreaterThan(0);
      for (const gate of gates) {
        const grace = milliseconds(services[gate].stop_grace_period);
        expect(grace).toBeGreaterThan(milliseconds(drain) + milliseconds(drainDelay));
      }
      // What is named exists, and a secret is in no image.
      const ignored = await readFile('deploy/docker/Dockerfile.dockerignore', 'utf8');
      for (const [secret, { file: path }] of Object.entries<{ file: string }>(secrets)) {
        expect(path).toBe(`./${secret}`);
        expect(ignored).toContain(`deploy/docker/${secret}\n`);
      }
      for (const service of Object.values<Record<string, (string | { source: string })[]>>(
        services,
      )) {
        for (const secret of service.secrets ?? []) expect(Object.keys(secrets)).toContain(secret);
        for (const one of service.configs ?? [])
          expect(Object.keys(configs)).toContain(typeof one === 'string' ? one : one.source);
      }
    },
  );

  it('has gates in its cluster that trust HAProxy alone, and HAProxy has their names', async () => {
    const text = await readFile('deploy/docker/compose.cluster.yaml', 'utf8');
    const { services, configs } = parse(text, { merge: true });
    const { trustProxy, proxyProtocol, directory, listen } = parse(configs.gate.content);
    expect(trustProxy).toEqual([services.haproxy.networks.default.ipv4_address]);
    expect(proxyProtocol).toBe('required');
    expect(services).toHaveProperty(new URL(directory).hostname);
    const haproxy = await readFile(join('deploy/docker', configs.haproxy.file), 'utf8');
    const servers = [...haproxy.matchAll(/^ {2}server (\S+) (\S+):(\d+)/gm)];
    const gates = Object.keys(services).filter((name) => name.startsWith('gate-'));
    for (const endpoint of listen as string[]) {
      const { port } = new URL(endpoint);
      const named = servers.filter((one) => one[3] === port).map((one) => one[2]);
      expect(named).toEqual(gates);
      expect(services.haproxy.ports).toContain(`0.0.0.0:${port}:${port}`);
    }
    for (const name of gates) expect(services[name].hostname).toBe(name);
  });
});

describe.skipIf(!isThere)('The commands of the Dockerfile, run from a clean clone', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let program: string;
  let cwd: string;
  const healthCheck: string[] = JSON.parse(
    /CMD (\[.*\])$/.exec(textsOf(image, 'HEALTHCHECK')[0] ?? '')?.[1] ?? '',
  );
  const args: string[] = JSON.parse(textsOf(image, 'CMD')[0] ?? '');

  beforeAll(async () => {
    folder = await temporaryFolder();
    await chmod(folder.path, 0o755);
    const context = join(folder.path, 'context');
    await clone(context);
    const made = new FolderBuild(join(folder.path, 'stages'), context);
    for (const stage of [build, install]) await made.run(stage);
    await made.run({ ...image, name: 'image' });
    const [, path = ''] = JSON.parse(textsOf(image, 'ENTRYPOINT')[0] ?? '') as string[];
    program = made.path('image', path);
    cwd = made.path('image', textsOf(image, 'WORKDIR')[0] ?? '');
  }, 900_000);
  afterAll(() => folder?.[Symbol.asyncDispose]());

  const started = async (...more: string[]): Promise<Container> => {
    const container = startContainer(['node', program, ...more], cwd);
    await expect
      .poll(() => container.output().split('\n')[0], { timeout: 30_000 })
      .toContain('"event":"listening"');
    return container;
  };

  it('install the production dependencies and nothing that only the build needs', async () => {
    const modules = join(dirname(program), '../../node_modules');
    const names = await readdir(modules);
    for (const name of Object.keys(packageJson.dependencies)) expect(names).toContain(name);
    for (const name of ['vitest', 'typescript', 'vite', '@biomejs'])
      expect(names).not.toContain(name);
    const { stdout } = await promisify(execFile)('du', ['-sm', join(modules, '..')]);
    console.info(`the package and its dependencies: ${Number.parseInt(stdout, 10)} MB`);
  });

  it('make a gate that runs as process 1 without root and without a folder to write, is healthy, registers a client, and drains at SIGTERM', async () => {
    await using container = await started(...args);
    expect(await container.exec(healthCheck)).toMatchObject({ code: 0 });
    const written = await container.exec(['sh', '-c', 'touch /tmp/x || touch ./x || id -u']);
    expect(written.stdout).toBe('1000\n');
    const ctl = join(dirname(program), '../../bin/ixgate');
    const status = await container.exec([ctl, 'ctl', 'status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ state: 'running' });
    const register =
      'const s = net.connect(7004); s.end(\'{"messageName":"RequestRegisterClient","referenceId":1,"clientName":"desk-1","clientType":"AgentApplication"}\\n\'); s.pipe(process.stdout)';
    const { stdout } = await container.exec(['node', '-e', register]);
    expect(JSON.parse(stdout)).toEqual({ messageName: 'EventAck', referenceId: 1 });
    await container.kill('SIGTERM');
    expect(await container.ended).toBe(0);
    expect(container.output()).toContain('"event":"stopped"');
  });

  it('make workers that process 1 starts and stops', async () => {
    await using container = await started(...args, '--workers', '2');
    expect(await container.exec(healthCheck)).toMatchObject({ code: 0 });
    await container.kill('SIGTERM');
    expect(await container.ended).toBe(0);
  });

  it('the health check fails where no gate answers', async () => {
    expect(await execAlone(healthCheck)).toMatchObject({ code: 1 });
  });
});
