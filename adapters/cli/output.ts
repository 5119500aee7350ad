import { CommanderError } from 'commander';
import pc from 'picocolors';
import { visible, visibleJson } from '../../machines/text/format.js';
import { RegistrationRefusedError, RequestRefusedError } from '../client/errors.js';
import { type CommandIo, type OutputStream, processIo } from '../runtime/command-io.js';
import { IxgateError } from '../runtime/errors.js';
import { exitCodes, exitOf, isExploreError } from './exit-codes.js';

/** What a command writes: text for people, or one JSON object a line for machines. */
export class Output {
  readonly json: boolean;
  readonly io: CommandIo;
  /** Colours on a terminal only, and never with NO_COLOR. */
  readonly paint: ReturnType<typeof pc.createColors>;

  constructor(json: boolean, io: CommandIo = processIo) {
    this.json = json;
    this.io = io;
    this.paint = pc.createColors(coloured(io.stdout, io) && !json);
  }

  /** The same thing twice: for people, and for machines. */
  tell(text: string, value: unknown): void {
    this.io.stdout.write(this.json ? jsonLine(value) : `${text}\n`);
  }

  /** Says on stderr what went wrong, and gives the exit code. People's mistakes show no stack trace. */
  fail(error: unknown): number {
    const exit = exitOf(error);
    const { code } = exitCodes[exit];
    const { stderr } = this.io;
    if (exit === 'ok') return code;
    const message = visible(messageOf(error));
    if (this.json) {
      const details = { code: errorCodeOf(error), message, ...detailsOf(error) };
      stderr.write(jsonLine({ error: details }));
      return code;
    }
    const { red, dim } = pc.createColors(coloured(stderr, this.io));
    stderr.write(`${red('ixgate:')} ${message}\n`);
    if (exit === 'internal' && error instanceof Error)
      stderr.write(`${dim((error.stack ?? '').split('\n').map(visible).join('\n'))}\n`);
    return code;
  }
}

function jsonLine(value: unknown): string {
  return `${visibleJson(JSON.stringify(value))}\n`;
}

function coloured(stream: OutputStream, { env }: CommandIo): boolean {
  return stream.isTTY === true && !env.NO_COLOR;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof CommanderError)) return error.message;
  return error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
}

function errorCodeOf(error: unknown): string {
  if (error instanceof CommanderError) return 'USAGE';
  return error instanceof IxgateError || isExploreError(error) ? error.code : 'INTERNAL';
}

/** The server's own words, unchanged: in JSON what a terminal would obey is escaped. */
function detailsOf(error: unknown): Record<string, unknown> {
  if (error instanceof RegistrationRefusedError) {
    const { endpoint, errorCode, errorName, errorDescription } = error;
    return { endpoint, errorCode, errorName, errorDescription };
  }
  if (error instanceof RequestRefusedError) {
    const { errorCode, errorDescription } = error;
    return { errorCode, errorDescription };
  }
  return {};
}

/** Milliseconds for JSON, rounded to microseconds: the clock is not more precise. */
export function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
