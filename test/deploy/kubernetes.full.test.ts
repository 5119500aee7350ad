import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ixgate, serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { milliseconds } from './durations.js';
import { type Manifest, manifestsIn, problemsOf } from './manifests.js';

const folder = 'deploy/kubernetes';
const manifests: Manifest[] = [];
const of = (kind: string, name = 'ixgate') =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name) as Manifest;

beforeAll(async () => {
  for (const file of await readdir(folder))
    manifests.push(...manifestsIn(await readFile(join(folder, file), 'utf8')));
});

describe('deploy/kubernetes', () => {
  it('has objects that Kubernetes and the Prometheus Operator accept', async () => {
    expect(manifests.map(({ kind }) => kind).sort()).toEqual([
      ...['ConfigMap', 'Deployment', 'NetworkPolicy', 'PodDisruptionBudget'],
      ...['Secret', 'Service', 'Service', 'ServiceMonitor'],
    ]);
    expect(await problemsOf(manifests)).toEqual([]);
  });

  it('the check finds a misspelt field, a wrong type and a wrong value', async () => {
    const changed = () => {
      const manifest = structuredClone(of('Deployment'));
      return { manifest, container: manifest.spec.template.spec.containers[0] };
    };
    const misspelt = changed();
    misspelt.container.livenesProbe = misspelt.container.livenessProbe;
    const wrong = changed();
    wrong.manifest.spec.replicas = 'two';
    wrong.container.imagePullPolicy = 'Sometimes';
    const all = [misspelt, wrong].map(({ manifest }) => manifest);
    const problems = (await problemsOf(all)).join('\n');
    expect(problems).toMatch(/'"livenesProbe"' does not exist in type 'IContainer'/);
    expect(problems).toContain('replicas must be integer');
    expect(problems).toContain('imagePullPolicy must be equal to one of the allowed values');
  });

  it('leaves the gate the time that its configuration needs', () => {
    const { spec } = of('Deployment').spec.template;
    const config = parse(of('ConfigMap').data['ixgate.config.yaml']);
    const [{ lifecycle, readinessProbe }] = spec.containers;
    const stop = lifecycle.preStop.sleep.seconds * 1_000;
    const needed = stop + milliseconds(config.drainDelay) + milliseconds(config.drain);
    expect(spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(needed + 5_000);
    // The probe notices a gate that drains while it still accepts clients.
    const noticed = readinessProbe.periodSeconds * readinessProbe.failureThreshold * 1_000;
    expect(noticed).toBeLessThan(milliseconds(config.drainDelay));
  });

  it('selects the pods, and names ports, volumes, secrets and keys that exist', () => {
    const { template } = of('Deployment').spec;
    const [container] = template.spec.containers;
    const ports = container.ports.map(({ name }: { name: string }) => name);
    const { labels } = template.metadata;
    for (const service of [of('Service'), of('Service', 'ixgate-admin')]) {
      expect(labels).toMatchObject(service.spec.selector);
      for (const { targetPort } of service.spec.ports) expect(ports).toContain(targetPort);
    }
    for (const kind of ['PodDisruptionBudget', 'Deployment'])
      expect(labels).toMatchObject(of(kind).spec.selector.matchLabels);
    expect(labels).toMatchObject(of('NetworkPolicy').spec.podSelector.matchLabels);
    for (const { ports: open } of of('NetworkPolicy').spec.ingress)
      for (const { port } of open) expect(ports).toContain(port);
    const monitor = of('ServiceMonitor').spec;
    expect(of('Service', 'ixgate-admin').metadata.labels).toMatchObject(
      monitor.selector.matchLabels,
    );
    expect(of('Service').metadata.labels).not.toMatchObject(monitor.selector.matchLabels);
    const { credentials } = monitor.endpoints[0].authorization;
    const secret = manifests.find(({ kind }) => kind === 'Secret') as Manifest;
    expect(credentials).toEqual({ name: secret.metadata.name, key: 'token' });
    expect(Object.keys(secret.stringData)).toEqual(['token']);
    const volumes = template.spec.volumes.map(({ name }: { name: string }) => name);
    expect(container.volumeMounts.map(({ name }: { name: string }) => name)).toEqual(volumes);
  });

  it('has the lines of a directory as comments that are right', async () => {
    const uncommented = async (name: string) => {
      const text = await readFile(join(folder, name), 'utf8');
      const written = text.replace(/^( +)# (- \{? ?name: | {2}secret: |directory: )/gm, '$1$2');
      expect(written).not.toBe(text);
      return manifestsIn(written)[0] as Manifest;
    };
    const [deployment, configMap] = [
      await uncommented('deployment.yaml'),
      await uncommented('configmap.yaml'),
    ];
    expect(await problemsOf([deployment, configMap])).toEqual([]);
    const { containers, volumes } = deployment.spec.template.spec;
    const [{ env, volumeMounts }] = containers;
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    expect(names(env)).toEqual([
      ...['IXGATE_ADMIN_TOKEN', 'IXGATE_NODE', 'IXGATE_DIRECTORY_PASSWORD'],
    ]);
    expect(names(volumeMounts)).toEqual(names(volumes));
    expect(volumes.at(-1)).toMatchObject({ secret: { secretName: 'ixgate-directory' } });
    const { directory } = parse(configMap.data['ixgate.config.yaml']);
    expect(directory).toBe('redis://redis:6379');
  });

  it('the gate runs with this configuration, answers the probes without a token, and reads a changed ConfigMap', async () => {
    await using mounted = await temporaryFolder();
    const { path } = mounted;
    const port = await freePort();
    const token = 'a-token-for-this-test';
    await writeFile(join(path, 'token'), token);
    const text = of('ConfigMap')
      .data['ixgate.config.yaml'].replace(/:700[45]/g, ':0')
      .replace(':7080', `:${port}`)
      .replaceAll('5s', '50ms');
    // As the kubelet mounts it: the file is a link through `..data`, which is replaced as a whole.
    const file = join(path, 'ixgate.config.yaml');
    const mount = async (version: string, content: string) => {
      await mkdir(join(path, version));
      await writeFile(join(path, version, 'ixgate.config.yaml'), content);
      await symlink(version, join(path, '..data_tmp'));
      await rename(join(path, '..data_tmp'), join(path, '..data'));
    };
    await mount('..1', text);
    await symlink('..data/ixgate.config.yaml', file);
    const listen = ['--listen', 'tcp://127.0.0.1:0', '--admin', `http://0.0.0.0:${port}`];
    const [container] = of('Deployment').spec.template.spec.containers;
    const [{ name, value }] = container.env;
    const env = { [name]: value.replace('/etc/ixgate-token', path) };
    await using gate = await serving([...listen, '--config', file], { env });
    for (const probe of ['healthz', 'readyz'])
      expect((await fetch(`http://127.0.0.1:${port}/${probe}`)).status).toBe(200);
    const metrics = `http://127.0.0.1:${port}/metrics`;
    expect((await fetch(metrics)).status).toBe(401);
    const headers = { Authorization: `Bearer ${token}` };
    expect((await fetch(metrics, { headers })).status).toBe(200);

    // `kubectl exec POD -- ixgate ctl status`: it reads the configuration of the folder.
    const { stdout } = await ixgate(['ctl', 'status', '--json'], { cwd: path, env });
    expect(JSON.parse(stdout)).toMatchObject({ state: 'running' });

    await mount('..2', `${text}\nmaxErrors: 3\n`);
    expect(await gate.event('reloaded')).toMatchObject({ event: 'reloaded' });
  });
});
