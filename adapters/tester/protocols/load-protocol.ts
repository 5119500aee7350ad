import type { LiveProtocol } from '../../../machines/engine/kit/define-protocol.js';
import { exportsOf, type Mapper, mapperProblem } from './mapper.js';

/** The protocols of this package, by name. Each is loaded only when it is used. */
const known: Readonly<Record<string, () => Promise<unknown>>> = {
  'mqtt-connect': () => import('../../mqtt-connect/index.js'),
};

/** Whether a text is the name of a protocol of this package. Everything else is the path of a file. */
export function isKnownProtocol(source: string): boolean {
  return Object.hasOwn(known, source);
}

/**
 * Loads a protocol and its mapper.
 * @param source `mqtt-connect`, or the path of a module that exports `protocol` and `wire`. @param cwd the folder of relative paths.
 * @throws {LoadError}
 */
export async function loadProtocol(source: string, cwd: string): Promise<LiveProtocol> {
  const { LoadError } = await import('../../charts/index.js');
  if (isKnownProtocol(source)) {
    try {
      return (await known[source]?.()) as LiveProtocol;
    } catch (cause) {
      if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
      const problem = 'mqtt-packet is not installed. Install it: npm install mqtt-packet@9';
      throw new LoadError('MQTT_MISSING', problem, { cause });
    }
  }
  if (!/[./\\]/.test(source)) {
    const names = Object.keys(known).join(', ');
    throw new LoadError(
      'UNKNOWN_PROTOCOL',
      `unknown protocol ${JSON.stringify(source)}; allowed: ${names}, or the path of a file, e.g. ./protocol.ts`,
    );
  }
  const module = await loadFile(source, cwd);
  if (isLive(module)) return module;
  throw new LoadError(
    'NOT_A_PROTOCOL',
    `${source}: it exports ${exportsOf(module)}; expected protocol, the result of defineProtocol of ixgate/model, and wire, its mapper (docs/protocols.md)`,
  );
}

/**
 * Loads a mapper for learning.
 * @param file the path of a module that exports `wire` with inputs, or `protocol` and `wire`. @param cwd the folder of relative paths.
 * @throws {LoadError}
 */
export async function loadMapper(file: string, cwd: string): Promise<Mapper> {
  const { LoadError } = await import('../../charts/index.js');
  const module = await loadFile(file, cwd);
  const problem = mapperProblem(module);
  if (problem === null) return module as unknown as Mapper;
  throw new LoadError('NOT_A_MAPPER', `${file}: ${problem} (docs/protocols.md)`);
}

/** The file gets the names of ixgate/model from this process, so it works where ixgate is not installed. */
async function loadFile(file: string, cwd: string): Promise<Record<string, unknown>> {
  const { loadModule } = await import('../../charts/index.js');
  const model = await import('../../../machines/entry/model.js');
  return await loadModule(file, { cwd, provided: { 'ixgate/model': model } });
}

function isLive(module: object): module is LiveProtocol {
  const { protocol, wire } = module as Partial<Record<keyof LiveProtocol, object>>;
  const isDefined = protocol !== undefined && 'statements' in protocol && 'model' in protocol;
  return isDefined && wire !== undefined && 'session' in wire;
}
