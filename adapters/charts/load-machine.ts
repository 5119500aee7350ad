/** Loads a machine of the user from a module. */
import { basename, extname, resolve } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { shortPath } from './error-place.js';
import { LoadError } from './load-error.js';
import { type LoadOptions, loadModule } from './load-module.js';
import { isMachine, kindAndFix, otherMaker } from './value-kind.js';
import { copiesOfXstate } from './xstate-copies.js';

export interface LoadedMachine {
  readonly machine: AnyStateMachine;
  /** The name of the export; of a default export the name of the file, without its extension. */
  readonly name: string;
  /** All exports of the module. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** The absolute path of the module. */
  readonly file: string;
}

/**
 * Loads a machine from a module.
 * @param spec `file` or `file#export`. Without an export it is the default export if that is a machine, else the only machine that the
 * module exports.
 * @throws {LoadError}
 */
export async function loadMachine(spec: string, options: LoadOptions): Promise<LoadedMachine> {
  const at = spec.lastIndexOf('#');
  const [path, wanted] = at < 0 ? [spec, ''] : [spec.slice(0, at), spec.slice(at + 1)];
  const file = resolve(options.cwd, path);
  const exports = await loadModule(path, options);
  const shown = shortPath(file, options.cwd);
  const chosen = wanted === '' ? choice(exports, shown) : wanted;
  const value = exportOf(exports, chosen, shown);
  if (!isMachine(value)) throw notUsable(value, chosen, shown, file);
  const name = chosen === 'default' ? basename(file, extname(file)) : chosen;
  return { machine: value, name, exports, file };
}

function exportOf(exports: Readonly<Record<string, unknown>>, name: string, file: string): unknown {
  if (Object.hasOwn(exports, name)) return exports[name];
  const machine = isMachine(exports.default) ? 'default' : machinesOf(exports)[0];
  const fix = machine === undefined ? 'Export a machine' : `Choose one, e.g. ${file}#${machine}`;
  throw new LoadError(
    'NO_SUCH_EXPORT',
    `${file}: no export ${JSON.stringify(name)}; ${listed(exports)}. ${fix}`,
  );
}

/** The export that is meant when none is given. */
function choice(exports: Readonly<Record<string, unknown>>, file: string): string {
  if (isMachine(exports.default)) return 'default';
  const machines = machinesOf(exports);
  if (machines.length > 1) {
    throw new LoadError(
      'NO_SUCH_EXPORT',
      `${file}: it exports ${machines.length} machines: ${machines.join(', ')}. Choose one, e.g. ${file}#${machines[0]}`,
    );
  }
  const names = namesOf(exports);
  // The only export is explained, if it can be meant and is another value.
  const [only = 'default' in exports || names.length !== 1 ? 'default' : names[0]] = machines;
  if (only !== undefined && Object.hasOwn(exports, only)) return only;
  throw new LoadError(
    'NOT_A_MACHINE',
    `${file}: no machine is exported; ${listed(exports)}. Export the result of createMachine or setup().createMachine of xstate 5`,
  );
}

/** Sorted: the order of exports depends on the kind of the module. */
function namesOf(exports: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(exports).sort();
}

function listed(exports: Readonly<Record<string, unknown>>): string {
  const names = namesOf(exports);
  return names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`;
}

/** The names of the exported machines, those of another xstate included. */
function machinesOf(exports: Readonly<Record<string, unknown>>): string[] {
  return namesOf(exports).filter(
    (name) =>
      name !== 'default' && (isMachine(exports[name]) || otherMaker(exports[name]) !== null),
  );
}

function notUsable(value: unknown, name: string, shown: string, file: string): LoadError {
  const maker = otherMaker(value);
  if (maker === 'xstate 4 or older') {
    return new LoadError(
      'OTHER_XSTATE',
      `${shown}: the machine ${name} was made by ${maker} (${copiesOfXstate(file)}). ixgate reads machines of xstate 5: npm install xstate@5, and see its guide for migration`,
    );
  }
  if (maker !== null) {
    return new LoadError(
      'OTHER_XSTATE',
      `${shown}: the machine ${name} was made by ${maker}: ${copiesOfXstate(file)}. Install one version for both, with ixgate in the same project: npm ls xstate`,
    );
  }
  const [kind, fix] = kindAndFix(value, name);
  return new LoadError(
    'NOT_A_MACHINE',
    `${shown}: the export ${name} is not a machine but ${kind}. ${fix}`,
  );
}
