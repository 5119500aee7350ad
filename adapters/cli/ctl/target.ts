/** Which gate `ixgate ctl` talks to. */
import { access, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { configNames } from '../../config/config-names.js';
import type { ControlTarget } from '../../control/client.js';
import type { CommandIo } from '../../runtime/command-io.js';
import { UsageError } from '../exit-codes.js';
import { adminUrlIn, socketPathIn } from '../gate-address.js';
import type { TargetFlags } from './flags.js';

const defaultAdmin = 'http://127.0.0.1:7080';

/** @throws {UsageError} for an invalid socket, address or token; {FileError} {ConfigError} for the configuration file */
export async function targetOf(flags: TargetFlags, io: CommandIo): Promise<ControlTarget> {
  const { env } = io;
  if (flags.control !== undefined && flags.admin !== undefined) {
    throw new UsageError('--control and --admin name two gates; give one of them');
  }
  if (flags.control !== undefined) return socketAt(flags.control, '--control');
  if (flags.admin !== undefined) return adminAt(flags.admin, '--admin', flags, io);
  if (env.IXGATE_CONTROL) return socketAt(env.IXGATE_CONTROL, 'IXGATE_CONTROL');
  if (env.IXGATE_ADMIN) return adminAt(env.IXGATE_ADMIN, 'IXGATE_ADMIN', flags, io);
  const { control, admin } = await configured(io);
  if (typeof control === 'string') return socketAt(control, 'control');
  if (admin === 'off') {
    throw new UsageError(
      'the gate of the configuration file has no control and no admin; name one with --control or --admin',
    );
  }
  return adminAt(typeof admin === 'string' ? admin : defaultAdmin, 'admin', flags, io);
}

function socketAt(text: string, from: string): ControlTarget {
  const socketPath = socketPathIn(text);
  if (socketPath !== undefined) return { socketPath };
  throw new UsageError(
    `${from} is ${JSON.stringify(text)}; allowed: unix:///path, e.g. unix:///run/ixgate.ctl`,
  );
}

async function adminAt(
  text: string,
  from: string,
  flags: TargetFlags,
  io: CommandIo,
): Promise<ControlTarget> {
  const url = adminUrlIn(text);
  if (url === null) {
    throw new UsageError(
      `${from} is ${JSON.stringify(text)}; allowed: an http or https URL such as ${defaultAdmin}`,
    );
  }
  const given = flags.token ?? (io.env.IXGATE_ADMIN_TOKEN || undefined);
  return { url, token: given === undefined ? undefined : await tokenFrom(given) };
}

/** @throws {UsageError}, which never contains the token */
async function tokenFrom(given: string): Promise<string> {
  const token = given.startsWith('@') ? await contentOf(given.slice(1)) : given;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UsageError(
    'the token is empty or has blanks; allowed: the token of --admin-token, or @FILE',
  );
}

async function contentOf(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--token: ${path} cannot be read (${code})`, { cause });
  }
}

/** `control` and `admin` of the configuration file; nothing without a file. */
async function configured(io: CommandIo): Promise<{ control?: unknown; admin?: unknown }> {
  const named = io.env.IXGATE_CONFIG || undefined;
  const there = await Promise.all(
    configNames.map((name) =>
      access(resolve(io.folder, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (named === undefined && !there.includes(true)) return {};
  // Only with a file: this loads the table of options.
  const { fileSource } = await import('../../config/sources.js');
  const file = await fileSource(io.folder, named);
  return Object(file?.values) as { control?: unknown; admin?: unknown };
}

/** The name of the user, for the log of the gate; undefined if unknown. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
