import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitOf } from '../../adapters/cli/exit-codes.js';
import {
  isKnownProtocol,
  loadMapper,
  loadProtocol,
} from '../../adapters/tester/protocols/load-protocol.js';
import { chooseInputs } from '../../adapters/tester/protocols/mapper.js';
import { temporaryFolder } from '../support/folder.js';

const session = 'session: () => ({ encode: () => new Uint8Array(), decode: () => [] })';

async function loaded(text: string) {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'mapper.ts'), text);
  return await loadMapper('mapper.ts', folder.path);
}

describe('a mapper in a file', () => {
  it('is a wire with inputs', async () => {
    const mapper = await loaded(
      `export const wire = { inputs: { ping: 'sends PING' }, ${session} };`,
    );
    expect(chooseInputs(mapper)).toEqual({
      inputs: { ping: 'sends PING' },
      missing: [],
      settings: {},
    });
  });

  it('may come with a protocol, whose inputs it takes without those of time', async () => {
    const mapper = await loadMapper('examples/redis-auth/protocol.ts', process.cwd());
    const { inputs } = chooseInputs(mapper, { values: { password: 'sesame' } });
    expect(Object.keys(inputs)).toEqual(['ping', 'auth', 'auth-wrong', 'quit']);
    expect(inputs.ping).toBe('sends PING');
    expect(chooseInputs(mapper).missing).toEqual(['auth']);
    expect(isKnownProtocol('mqtt-connect')).toBe(true);
    const mqtt = await loadProtocol('mqtt-connect', process.cwd());
    const chosen = chooseInputs(mqtt, { settings: { version: '5' } });
    expect(chosen.missing).toEqual(['connect-refused']);
    expect(chosen.settings).toMatchObject({ version: '5' });
    expect(Object.keys(chosen.inputs)).not.toContain('silence');
  });

  it('takes no value or setting that it does not name', async () => {
    const mapper = await loaded(
      `export const wire = { inputs: { ping: 'sends PING' }, ${session} };`,
    );
    expect(() => chooseInputs(mapper, { values: { user: 'me' } })).toThrow(
      'there is no value "user"; the protocol has no values',
    );
    expect(() => chooseInputs(mapper, { settings: { version: '5' } })).toThrow(
      'there is no setting "version"',
    );
  });

  it.each([
    ['export const machine = 1;', 'it exports machine; expected wire'],
    [`export const wire = { ${session} };`, 'wire has no inputs; add them'],
    [`export const wire = { inputs: ['ping'], ${session} };`, 'wire has no inputs; add them'],
    [`export const wire = { inputs: { silence: '' }, ${session} };`, 'the input "silence" is not'],
    [
      `export const wire = { inputs: { 'a b': '' }, ${session} };`,
      'the input "a b" is not allowed',
    ],
    [
      `export const wire = { inputs: { a: '' }, timing: { settle: 0 }, ${session} };`,
      'timing.settle is 0; expected milliseconds, more than 0',
    ],
  ])('is refused with the fix: %s', async (text, problem) => {
    const error = await loaded(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'NOT_A_MAPPER',
      message: expect.stringContaining(`mapper.ts: ${problem}`),
    });
    expect(exitOf(error)).toBe('usage');
  });
});
