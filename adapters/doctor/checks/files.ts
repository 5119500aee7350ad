import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from '../../files/file-error.js';
import { loadListedClients } from '../../validators/client-list-file.js';
import { accessProblem } from '../access.js';
import { type Check, type Finding, fail, ok, orOk, warn } from '../check.js';
import { sizeText } from '../size-text.js';

export const clients: Check = {
  id: 'clients',
  title: 'List of clients',
  description: 'the file of --clients can be read, is valid, and has clients',
  async run({ loaded: { config } }) {
    const path = config.clients;
    if (path === undefined) return [];
    try {
      const { names, patterns } = await loadListedClients(path);
      const count = names.names.ends.length + patterns.ends.length;
      if (count > 0) return [ok(`${path}: ${count} ${count === 1 ? 'entry' : 'entries'}`)];
      return [warn(`${path} has no clients, so all are refused`, 'add clients to the list')];
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return [fail(error.message, 'correct the file; docs/validators.md has an example')];
    }
  },
};

export const secrets: Check = {
  id: 'secrets',
  title: 'Secrets',
  description:
    'files with secrets (private key, token, configuration with a token or a password) cannot be read by every user; a token is not on the command line and is hard to guess',
  async run({ loaded, system }) {
    if (system.platform === 'win32') return [];
    const { config, effective, file, files, tokenFile } = loaded;
    const sourceOf = (key: string) => effective.find((one) => one.key === key);
    const paths = [config.tlsKey, tokenFile].filter((path) => path !== undefined);
    const inFile = ['adminToken', 'validator'].some((key) => {
      const one = sourceOf(key);
      return file !== null && one?.from.startsWith(file) && String(one.value).includes('***');
    });
    if (inFile && files[0] !== undefined) paths.push(files[0]);
    const findings = (await Promise.all(paths.map(readableByAll))).filter((one) => one !== null);
    if (sourceOf('adminToken')?.from === '--admin-token' && tokenFile === undefined) {
      findings.push(
        warn(
          'the token stands on the command line, where every user of the machine can read it',
          'use --admin-token @FILE or IXGATE_ADMIN_TOKEN',
        ),
      );
    }
    const token = config.adminToken;
    if (token !== undefined && new Set(token).size < 8) {
      findings.push(
        warn(
          'the token has fewer than 8 different characters and can be guessed',
          'use the output of: openssl rand -base64 32 | tr -d =',
        ),
      );
    }
    if (paths.length === 0 && token === undefined) return findings;
    return orOk(findings, 'only their owners and groups can read them');
  },
};

async function readableByAll(path: string): Promise<Finding | null> {
  const stats = await stat(path).catch(() => null);
  if (!stats || (stats.mode & 0o004) === 0) return null;
  const mode = (stats.mode & 0o777).toString(8);
  return warn(`every user of the machine can read ${path} (mode ${mode})`, `chmod o-r ${path}`);
}

/** Free bytes below which a folder for recordings or logs is nearly full. */
const fewBytes = 1_073_741_824;

export const folders: Check = {
  id: 'folders',
  title: 'Folders',
  description:
    'the folders of recordings (--record), logs (--log-file) and the audit log (--audit-file) can be written and have enough free space',
  async run({ loaded: { config } }) {
    const { record, recordSize, recordKeep, logFile, logSize, logKeep, auditFile } = config;
    const kept = recordKeep === undefined ? 0 : recordKeep * recordSize;
    const recordings =
      record === undefined
        ? []
        : [await folderFinding('--record', record, Math.max(fewBytes, kept))];
    const logs =
      logFile === undefined
        ? []
        : [await fileFinding('--log-file', logFile, (logKeep + 1) * logSize)];
    const audits =
      auditFile === undefined ? [] : [await fileFinding('--audit-file', auditFile, fewBytes)];
    return [...recordings, ...logs, ...audits];
  },
};

/** A file that is appended to, in a folder that must exist. */
async function fileFinding(option: string, path: string, wanted: number): Promise<Finding> {
  const folder = dirname(path);
  const stats = await stat(folder).catch(() => null);
  if (!stats?.isDirectory()) {
    return fail(`${option} ${path}: the folder ${folder} does not exist`, `mkdir -p ${folder}`);
  }
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) return fail(`${option} ${path} is a folder`, 'name a file in it');
  if (there && (await accessProblem(path, 'w')) !== null) {
    return fail(`${option}: this user may not write to ${path}`, `chown or chmod ${path}`);
  }
  return await folderFinding(option, folder, wanted);
}

/** @param wanted bytes that should be free */
async function folderFinding(option: string, path: string, wanted: number): Promise<Finding> {
  const there = await existing(path);
  const stats = await stat(there);
  if (!stats.isDirectory()) {
    return fail(`${option} ${path}: ${there} is not a folder`, 'use another folder');
  }
  const why = await accessProblem(there, 'wx');
  if (why !== null) {
    return fail(
      `${option} ${path}: this user may not write to ${there}: ${why}`,
      'change the owner of the folder, or use another one',
    );
  }
  const { bavail, bsize, ffree, files } = await statfs(there);
  const free = bavail * bsize;
  if (free === 0 || (files > 0 && ffree === 0)) {
    return fail(`${option} ${path}: the file system is full`, 'free some space');
  }
  if (free < wanted) {
    return warn(
      `${option} ${path}: ${sizeText(free)} are free; the files may take ${sizeText(wanted)}`,
      'free some space, or lower the number or the size of the files',
    );
  }
  return ok(`${option} ${path}: ${sizeText(free)} are free`);
}

/** The path, or the nearest parent that exists. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).then(
    () => true,
    () => false,
  );
  return found || dirname(path) === path ? path : await existing(dirname(path));
}
