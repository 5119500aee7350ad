import * as v from 'valibot';

const text = v.string('text');
const milliseconds = v.pipe(
  v.number('milliseconds, 0 or more'),
  v.minValue(0, 'milliseconds, 0 or more'),
);
const nullable = <Schema extends v.GenericSchema>(schema: Schema) => v.nullable(schema);

const edge = v.object(
  {
    to: text,
    output: text,
    clock: v.picklist(['start', 'keep', 'stop', 'none'], 'start, keep, stop, none'),
    allowed: v.optional(v.array(text, 'a list of texts')),
    isFree: v.optional(v.boolean('true or false')),
  },
  'an object with to, output and clock',
);

const timeout = v.object(
  { ...edge.entries, length: nullable(milliseconds) },
  'an object with to, output, clock and length, or null',
);

const state = v.object(
  {
    name: text,
    isClosed: v.boolean('true or false'),
    timeout: nullable(timeout),
    isSilenceUnobserved: v.optional(v.boolean('true or false')),
    edges: v.record(text, edge, 'an object with an edge for each input'),
  },
  'an object with name, isClosed, timeout and edges',
);

const machine = v.object(
  {
    initial: text,
    inputs: v.array(text, 'a list of texts'),
    states: v.array(state, 'a list of states'),
  },
  'an object with initial, inputs and states',
);

const difference = v.object(
  {
    kind: v.picklist(['output', 'timeout', 'length', 'clock'], 'output, timeout, length, clock'),
    expectedState: text,
    observedState: text,
    input: text,
    expected: text,
    observed: text,
    witness: v.array(text, 'a list of texts'),
  },
  'an object with kind, states, input, expected, observed and witness',
);

/** The content of a file of a learned machine. Other keys are dropped. The messages give the allowed values. */
export const learnedSchema = v.object(
  {
    kind: v.literal('ixgate-learned', 'ixgate-learned'),
    version: v.literal(1, '1'),
    target: text,
    protocol: text,
    machine,
    expected: nullable(machine),
    tolerance: milliseconds,
    horizon: milliseconds,
    guarantee: nullable(text),
    unknown: v.array(text, 'a list of texts'),
    differences: v.array(difference, 'a list of differences'),
    connections: milliseconds,
    elapsed: milliseconds,
  },
  'a file of ixgate learn --out',
);
