/** The chart of MQTT's connection, without a network. */
import { describe, expect, it } from 'vitest';
import { checkProtocol } from '../../machines/engine/kit/check-protocol.js';
import {
  evaluateSuite,
  mutantsOf,
  populationOf,
  wClassOf,
} from '../../machines/engine/mutation/index.js';
import {
  SuiteReader,
  suiteFiles,
  suiteFormats,
  suiteOf,
  suiteText,
} from '../../machines/engine/testgen/index.js';
import { mqttVersions } from '../../machines/mqtt-connect/chart.js';
import { mqttConnectProtocol as mqtt } from '../../machines/mqtt-connect/protocol.js';

describe.each(mqttVersions)('the connection of MQTT %s', (version) => {
  const model = mqtt.model({ version });

  it.each(mqtt.figures({ version }))('does what figure $id shows', ({ steps }) => {
    const did = model.expect(steps.map(({ input }) => input));
    expect(did.map(({ input, output }) => ({ input, output }))).toEqual(steps);
  });

  it('has all its properties, and each of them is broken by a chart with one mistake', () => {
    const held = checkProtocol(mqtt.properties, model);
    expect(held.results.filter(({ counterexample }) => counterexample !== null)).toEqual([]);
    const broken = new Set<string>();
    for (const { table } of mutantsOf(model.table)) {
      for (const { id, counterexample } of checkProtocol(mqtt.properties, model, table).results)
        if (counterexample) broken.add(id);
    }
    expect([...broken].sort()).toEqual(mqtt.properties.map(({ id }) => id).sort());
  });

  it('shows the shortest session that breaks a property', () => {
    const forgetful = structuredClone(model.table) as never as {
      steps: Record<string, Record<string, { starts: string[] }>>;
    };
    const ping = forgetful.steps.connected?.ping;
    if (ping) ping.starts = [];
    const { results } = checkProtocol(mqtt.properties, model, forgetful as never);
    const steps = results.find(({ id }) => id === 'keep-alive')?.counterexample;
    expect(steps?.map(({ input }) => input)).toEqual(['connect', 'ping']);
  });

  it('has a statement of the specification for each transition', () => {
    const stated = new Set(mqtt.statements({ version }).flatMap(({ edges }) => edges));
    const steps = Object.values(model.table.steps).flatMap((byInput) => Object.values(byInput));
    const taken = steps.flatMap(({ transitions }) => transitions);
    expect(taken.filter((edge) => !stated.has(edge))).toEqual([]);
  });

  it('has a suite w1 that finds every mistake that the criterion guarantees', () => {
    const population = populationOf(model);
    const { by } = evaluateSuite(suiteOf(model, 'w1'), population.own, population.groups);
    const guaranteed = wClassOf(population, 1);
    expect(guaranteed.length).toBeGreaterThan(30);
    expect(guaranteed.filter((group) => !by.has(group))).toEqual([]);
  });

  it('has suite files that say which protocol and version they are for', async () => {
    const suite = suiteOf(model, 'transitions');
    const { header } = await new SuiteReader(mqtt.names).read(suiteText(suite));
    expect(header).toMatchObject({ protocol: 'mqtt-connect', version });
  });

  it.each(Object.keys(suiteFormats) as (keyof typeof suiteFormats)[])(
    'has suites as %s, in its own words',
    (format) => {
      const [file] = suiteFiles(suiteOf(model, 'w0'), format, mqtt.words);
      const text = [...(file?.chunks ?? [])].join('');
      expect(text).toContain('PINGRESP');
      expect(text).toContain(
        format === 'json' ? `"version":"${version}"` : `--setting version=${version}`,
      );
      expect(text).not.toMatch(/Regist|EventAck|Interaction|undefined/);
    },
  );
});

describe('what a server may answer', () => {
  it('is one thing, except where the specification leaves a choice', () => {
    const [step] = mqtt.model({ version: '5' }).expect(['connect-level']);
    expect(step && mqtt.model({ version: '5' }).allowed(step)).toEqual([
      'CONNACK-132 closed',
      'closed',
    ]);
    expect(step && mqtt.model({ version: '3.1.1' }).allowed(step)).toEqual(['CONNACK-1 closed']);
  });
});
