import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { ixgate } from '../cli/ixgate.js';
import { testCertificates } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';
import { chart, rendered, type Values, valuesWith } from './chart.js';
import { milliseconds } from './durations.js';
import { type Manifest, manifestsIn, problemsOf } from './manifests.js';

/** The objects of a release with changed values. */
async function released(changes: Values = {}): Promise<Manifest[]> {
  const texts = await rendered(await valuesWith(changes));
  texts.delete('NOTES.txt');
  return [...texts.values()].flatMap(manifestsIn);
}

const of = (manifests: readonly Manifest[], kind: string) =>
  manifests.find((one) => one.kind === kind) as Manifest;

const everything: Values = {
  image: { repository: 'registry.example:5000/ixgate', tag: '1.2.3' },
  imagePullSecrets: [{ name: 'pull' }],
  config: { maxErrors: 3, trustProxy: ['10.0.0.0/8'], redactNames: ['{{ ssn }}'] },
  tlsSecret: 'gate-tls',
  directory: {
    url: 'redis+sentinel://gate@redis:26379/mymaster',
    existingSecret: 'store',
    cluster: 'north',
  },
  service: { type: 'ClusterIP', annotations: { 'example.com/pool': '10' } },
  podAnnotations: { 'example.com/note': 'a "quoted" text: {{ kept }}' },
  nodeSelector: { 'kubernetes.io/arch': 'amd64' },
  tolerations: [{ key: 'edge', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } },
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
  networkPolicy: { egress: [{ ports: [{ port: 443 }] }] },
};
const nothing: Values = {
  podDisruptionBudget: { enabled: false },
  networkPolicy: { enabled: false },
};

describe('deploy/helm/ixgate', () => {
  let accepts: (values: unknown) => boolean;
  beforeAll(async () => {
    const schema = JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8'));
    accepts = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
  });

  it.each([
    ['its defaults', {}],
    ['every value set', everything],
    ['everything optional off', nothing],
  ])('with %s renders objects that Kubernetes accepts', async (_, changes) => {
    expect(accepts(await valuesWith(changes))).toBe(true);
    expect(await problemsOf(await released(changes))).toEqual([]);
  });

  it('has the same objects as deploy/kubernetes, with the labels of the release', async () => {
    const manifests = await released({ serviceMonitor: { enabled: true } });
    for (const manifest of manifests) {
      const { kind, metadata } = manifest;
      const isAdmin = metadata.name.endsWith('-admin');
      const plain = await plainManifest(kind, metadata.name.replace('gate', 'ixgate'));
      const text = JSON.stringify(manifest)
        .replaceAll(',"app.kubernetes.io/instance":"gate"', '')
        .replaceAll('"gate-admin"', '"ixgate-admin"')
        .replaceAll('"name":"gate"', '"name":"ixgate"');
      const own = JSON.parse(text);
      if (kind === 'Deployment') {
        const [container] = own.spec.template.spec.containers;
        Object.assign(container, { name: 'gate' });
        delete container.imagePullPolicy;
      }
      // The comments and the order of the options differ.
      if (kind === 'ConfigMap') for (const one of [own, plain]) readConfig(one);
      expect(own, `${kind} ${isAdmin}`).toEqual(plain);
    }
  });

  it('the configuration is valid for ixgate serve, with TLS and a directory too', async () => {
    await using folder = await temporaryFolder();
    const { server } = await testCertificates();
    const files = { 'tls.crt': server.cert, 'tls.key': server.key, password: 'sesame' };
    for (const [name, content] of Object.entries(files))
      await writeFile(join(folder.path, name), content);
    const more = { tlsSecret: 'gate-tls', config: { maxErrors: 3 } };
    for (const changes of [{}, { ...more, directory: everything.directory }]) {
      const file = join(folder.path, 'gate.yaml');
      const manifests = await released(changes);
      const config: string = of(manifests, 'ConfigMap').data['ixgate.config.yaml'];
      await writeFile(file, config.replace(/\/etc\/ixgate-tls/g, folder.path));
      const args = ['serve', '--config', file, '--print-config', '--json'];
      const [{ env: variables }] = of(manifests, 'Deployment').spec.template.spec.containers;
      const env = Object.fromEntries(
        (variables as { name: string; value?: string }[]).map(({ name, value }) => [
          name,
          value?.replace('/etc/ixgate-directory', folder.path) ?? 'gate-7c9d8b-x2x4z',
        ]),
      );
      env.IXGATE_ADMIN_TOKEN = 'a-token-for-this-test';
      const { code, stdout, stderr } = await ixgate(args, { env });
      expect(stderr).toBe('');
      expect(code).toBe(0);
      const printed = JSON.parse(stdout);
      expect(printed.admin.value).toBe('http://0.0.0.0:7080');
      if (!('directory' in changes)) continue;
      expect(printed.directory.value).toBe('redis+sentinel://***@redis:26379/mymaster');
      expect(printed.cluster.value).toBe('north');
      expect(printed.node.value).toBe('gate-7c9d8b-x2x4z');
      expect(printed.directoryPassword.from).toMatch('IXGATE_DIRECTORY_PASSWORD');
    }
  });

  it('with a TLS secret listens on tls and wss, and mounts the secret where the configuration expects it', async () => {
    const manifests = await released(everything);
    const config = parse(of(manifests, 'ConfigMap').data['ixgate.config.yaml']);
    expect(config).toMatchObject({
      listen: ['tls://0.0.0.0:7004', 'wss://0.0.0.0:7005'],
      maxErrors: 3,
      drain: '10s',
      redactNames: ['{{ ssn }}'],
    });
    const { containers, volumes } = of(manifests, 'Deployment').spec.template.spec;
    const mount = containers[0].volumeMounts.find(({ name }: { name: string }) => name === 'tls');
    expect(config.tlsCert).toBe(`${mount.mountPath}/tls.crt`);
    expect(config.tlsKey).toBe(`${mount.mountPath}/tls.key`);
    expect(volumes).toContainEqual({
      name: 'tls',
      secret: { secretName: 'gate-tls', defaultMode: 0o440 },
    });
    expect(containers[0].image).toBe('registry.example:5000/ixgate:1.2.3');
  });

  it('with a directory names a gate after its pod, and mounts the secret where the password is read', async () => {
    const [container] = of(await released(everything), 'Deployment').spec.template.spec.containers;
    const variable = (name: string) =>
      container.env.find((one: { name: string }) => one.name === name);
    expect(variable('IXGATE_NODE').valueFrom).toEqual({ fieldRef: { fieldPath: 'metadata.name' } });
    const mount = container.volumeMounts.find((one: { name: string }) => one.name === 'directory');
    expect(variable('IXGATE_DIRECTORY_PASSWORD').value).toBe(`@${mount.mountPath}/password`);
    const { volumes } = of(await released(everything), 'Deployment').spec.template.spec;
    expect(volumes).toContainEqual({
      name: 'directory',
      secret: { secretName: 'store', defaultMode: 0o440 },
    });
    const open = { directory: { url: 'redis://redis:6379' } };
    const [without] = of(await released(open), 'Deployment').spec.template.spec.containers;
    expect(without.env.map(({ name }: { name: string }) => name)).toEqual([
      'IXGATE_ADMIN_TOKEN',
      'IXGATE_NODE',
    ]);
    const notes = (await rendered(await valuesWith(open))).get('NOTES.txt');
    expect(notes).toContain('names in redis://redis:6379');
    expect(notes).toContain('set networkPolicy.egress');
  });

  it.each<[string, Values]>([
    ['a password in the URL of the directory', { directory: { url: 'redis://gate:secret@redis' } }],
    ['an unknown store', { directory: { url: 'mysql://store' } }],
    ['a directory in config, which the chart sets', { config: { directory: 'redis://redis' } }],
    ['an unknown value', { replica: 3 }],
    ['no gates', { replicas: 0 }],
    ['a port beyond the range', { ports: { tcp: 70_000 } }],
    ['an endpoint in config, which the chart sets', { config: { listen: ['tcp://0.0.0.0:1'] } }],
    ['an unknown type of service', { service: { type: 'External' } }],
    ['an empty name of the secret', { tokenSecret: '' }],
  ])('its schema rejects %s', async (_, changes) => {
    expect(accepts(await valuesWith(changes))).toBe(false);
  });

  it('has the version of the package, and leaves the gate the time that its configuration needs', async () => {
    const meta = parse(await readFile(join(chart, 'Chart.yaml'), 'utf8'));
    expect(meta.appVersion).toBe(packageJson.version);
    const values = (await valuesWith()) as {
      config: { drainDelay: string; drain: string };
      preStopSeconds: number;
      terminationGracePeriodSeconds: number;
    };
    const { drainDelay, drain } = values.config;
    const needed = values.preStopSeconds * 1_000 + milliseconds(drainDelay) + milliseconds(drain);
    expect(values.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(needed + 5_000);
  });

  it('prints notes that name the ports and the secret', async () => {
    const notes = (await rendered(await valuesWith(everything))).get('NOTES.txt');
    expect(notes).toContain('port 7004 (tls) and 7005 (wss)');
    expect(notes).toContain('kubectl --namespace front');
    expect(notes).toContain('ixgate-token');
  });

  it('the renderer of this test refuses a value that does not exist', async () => {
    const values = await valuesWith();
    expect(values).toHaveProperty('ports');
    await expect(rendered({ ...values, ports: { tcp: 1 } })).rejects.toThrow('"ws"');
  });
});

async function plainManifest(kind: string, name: string): Promise<Manifest> {
  const file = `deploy/kubernetes/${kind.toLowerCase()}.yaml`;
  const manifests = manifestsIn(await readFile(file, 'utf8'));
  return manifests.find(({ metadata }) => metadata.name === name) as Manifest;
}

function readConfig(manifest: Manifest): void {
  manifest.data['ixgate.config.yaml'] = parse(manifest.data['ixgate.config.yaml']);
}
