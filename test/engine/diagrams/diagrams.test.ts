/** Machines as Mermaid, PlantUML and SCXML. The programs that read these formats are asked in `readers.*.full.test.ts`. */
import { describe, expect, it } from 'vitest';
import { xml2js } from 'xml-js';
import { type AnyStateMachine, createMachine } from 'xstate';
import { diagramFormats } from '../../../machines/engine/diagrams/index.js';
import { mermaidChart, plantumlChart, scxmlChart } from '../../../machines/entry/model.js';
import { corpus } from '../table/corpus.js';
import { everything } from './chart-with-everything.js';

const machines = Object.entries(corpus).map(([name, { machine }]) => [name, machine] as const);
const draws = Object.entries(diagramFormats);

describe.each(draws)('a machine as %s', (_format, { draw }) => {
  it('is the same text for the same chart', () => {
    const config = { id: 'x', initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } };
    expect(draw(createMachine(config))).toBe(draw(createMachine(structuredClone(config))));
    const other = { ...config, states: { ...config.states, b: { on: { GO: 'a' } } } };
    expect(draw(createMachine(config))).not.toBe(draw(createMachine(other as never)));
  });

  it.each(machines)('has each state and each event: %s', (_name, machine) => {
    const text = draw(machine);
    expect(text.split('\n').at(-1)).toBe('');
    for (const key of Object.keys(machine.root.states)) expect(text).toContain(key);
    const plain = machine.events.filter((type) => /^\w+$/.test(type));
    for (const event of plain) expect(text).toContain(event);
  });
});

describe('an SCXML document', () => {
  it.each([...machines, ['everything', everything] as const])(
    'is XML with unique ids, and each target is a state: %s',
    (_name, machine: AnyStateMachine) => {
      const text = scxmlChart(machine);
      xml2js(text);
      const all = (name: string) =>
        [...text.matchAll(new RegExp(`<(?!send)[a-z]+ [^>]*?\\b${name}="([^"]+)"`, 'g'))].map(
          ([, value = '']) => value,
        );
      const ids = all('id');
      expect(new Set(ids).size).toBe(ids.length);
      for (const target of [...all('target'), ...all('initial')].flatMap((one) => one.split(' ')))
        expect(ids).toContain(target);
    },
  );
});

describe('the chart with everything', () => {
  const has = (text: string, ...lines: readonly string[]) => {
    const all = text.split('\n').map((line) => line.trim());
    for (const line of lines) expect(all).toContain(line);
  };

  it('in Mermaid draws no arrow across a border, and names what it leads from and to', () => {
    has(
      mermaidChart(everything),
      'state "all (H#42;)" as on_one_all',
      'on_one_x: invoke / load',
      'on_one_x --> on_one_y: done load #91;guard#93;',
      'on_one_all --> on_one_y: default',
      '--',
      'note right of on',
      'exit / cancel wake',
      'off --> on: BACK #91;ready#93; (to last)',
      'off --> on: after pause / note',
      'on --> off: error load (x)',
      'state "#101;nd" as _end',
    );
  });

  it('in PlantUML draws arrows to inner states, but not out of a region', () => {
    has(
      plantumlChart(everything),
      's_off --> s_on : after 300 ms',
      's_on --> s_off : error load (x)',
      's_on_one[H*] --> s_on_one_y : default',
      's_on_two_x : entry / raise WAKE after 50 ms',
      's_off --> s_on : a <U+003C>b<U+003E> <U+0022>c<U+0022> / tell <U+007B><U+0022>word<U+0022><U+003A><U+0022><U+003C><U+0026><U+003E><U+0022><U+007D>',
    );
    const deep = corpus['targets outside of the parent']?.machine ?? everything;
    has(plantumlChart(deep), 's_b --> s_a_y : BACK');
  });

  it('in SCXML has timers as delayed events, guards as conditions, and history with a default', () => {
    has(
      scxmlChart(everything),
      '<send id="after.300.off" event="after.300.off" delay="300ms"/>',
      '<cancel sendid="after.300.off"/>',
      '<transition event="after.300.off" target="on"/>',
      '<send id="after.pause.off" event="after.pause.off" delayexpr="pause()"/>',
      '<transition event="DEEP" cond="atLeast({&quot;least&quot;:2})" target="on_one_all"/>',
      '<transition cond="(ready() &amp;&amp; !In(\'off\'))" target="on_two_y"/>',
      '<transition event="done.invoke.on_one_x_invoke_0" cond="guard()" target="on_one_y"/>',
      '<history id="on_one_all" type="deep">',
      '<send id="wake" event="WAKE" delay="50ms"/>',
      '<transition event="done.state.on" target="end"/>',
    );
  });

  it('in SCXML stays in a state for a transition inside of it, unless it reenters', () => {
    has(
      scxmlChart(corpus.reenter?.machine ?? everything),
      '<transition event="INNER" target="a_one" type="internal"/>',
      '<transition event="OUTER" target="a_one"/>',
    );
  });
});
