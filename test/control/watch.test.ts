import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { run } from '../../adapters/cli/program.js';
import type { CommandIo } from '../../adapters/runtime/command-io.js';
import { Command } from '../cli/in-process.js';
import { controlled } from '../support/controlled.js';
import { lineClient, registerRequest } from '../support/line-client.js';

const [enter, leave] = ['\u001b[?1049h', '\u001b[?1049l'];

/** A terminal as a command sees it. */
function terminal(size: { columns: number; rows: number }) {
  let written = '';
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
  const stdout = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        written += String(chunk);
        done();
      },
    }),
    { isTTY: true, ...size },
  );
  const signals = new EventEmitter();
  const io: CommandIo = {
    ...{ stdin, stdout, signals, stderr: stdout, folder: '/', exit: () => {} },
    env: { NO_COLOR: '1' },
  };
  return {
    io,
    modes,
    signals,
    type: (key: string) => stdin.write(key),
    resize(columns: number, rows: number) {
      Object.assign(stdout, { columns, rows });
      stdout.emit('resize');
    },
    get written() {
      return written;
    },
    /** The lines of the last picture. */
    get lines() {
      const picture = written.split('\u001b[H').at(-1) ?? '';
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is controlled by them
      return picture.replace(/\u001b\[[?\dA-Za-z]*[A-Za-z]/g, '').split('\r\n');
    },
  };
}

describe('sessions --watch on a terminal', () => {
  test.each(['q', '\u0003', '\u001b'])(
    'shows the sessions in place, and %j restores it',
    async (key) => {
      await using it = await controlled();
      const screen = terminal({ columns: 100, rows: 10 });
      const args = ['ctl', 'sessions', '--watch', '--interval', '100ms', '--control', it.control];
      const ended = run(args, screen.io);
      await expect.poll(() => screen.lines[0]).toContain('sessions: 0  q ends');
      await using desk = await lineClient(it.gate.port);
      await desk.ask(registerRequest());
      await expect.poll(() => screen.lines.join('\n')).toContain('desk-1');
      expect(screen.lines[0]).toBe(`${it.control}  sessions: 1  q ends`);
      expect(screen.written.startsWith(enter)).toBe(true);
      expect(screen.written).not.toContain(leave);
      screen.type(key);
      expect(await ended).toBe(0);
      expect(screen.written.endsWith(leave)).toBe(true);
      expect(screen.modes).toEqual([true, false]);
    },
  );

  test('fits the rows and columns, also after a resize', async () => {
    await using it = await controlled();
    const clients = [];
    for (let index = 0; index < 12; index += 1) {
      const client = await lineClient(it.gate.port);
      await client.ask(registerRequest({ clientName: `desk-${index}-with-a-long-name` }));
      clients.push(client);
    }
    const screen = terminal({ columns: 60, rows: 8 });
    const args = ['ctl', 'sessions', '--watch', '--interval', '1h', '--control', it.control];
    const ended = run(args, screen.io);
    await expect.poll(() => screen.lines.length).toBe(8);
    expect(screen.lines.every((line) => line.length <= 60)).toBe(true);
    // The oldest first, below the heading.
    expect(screen.lines[3]).toContain('desk-0-with');
    screen.resize(30, 5);
    expect(screen.lines).toHaveLength(5);
    expect(screen.lines[0]).toMatch(/…$/);
    expect(screen.lines.every((line) => line.length <= 30)).toBe(true);
    screen.type('q');
    expect(await ended).toBe(0);
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  test('restores it after a signal (130), and when the gate stops (5)', async () => {
    await using it = await controlled();
    const args = ['ctl', 'sessions', '--watch', '--interval', '100ms', '--control', it.control];
    const interrupted = terminal({ columns: 80, rows: 8 });
    const first = run(args, interrupted.io);
    await expect.poll(() => interrupted.written).toContain('q ends');
    interrupted.signals.emit('SIGTERM', 'SIGTERM');
    expect(await first).toBe(130);
    expect(interrupted.written).toContain(leave);
    const left = terminal({ columns: 80, rows: 8 });
    const second = run(args, left.io);
    await expect.poll(() => left.written).toContain('q ends');
    it.gate.kill('SIGTERM');
    await it.gate.ended;
    expect(await second).toBe(5);
    expect(left.written.indexOf(leave)).toBeLessThan(left.written.indexOf('does not exist'));
  });
});

describe('sessions --watch without a terminal', () => {
  test('writes a line of JSON each interval, until it is interrupted', async () => {
    await using it = await controlled();
    const args = ['ctl', 'sessions', '--watch', '--json', '--interval', '100ms'];
    await using command = new Command([...args, '--control', it.control]);
    expect(JSON.parse(await command.line())).toEqual({ count: 0, sessions: [] });
    await using desk = await lineClient(it.gate.port);
    await desk.ask(registerRequest());
    await expect.poll(async () => JSON.parse(await command.line()).count).toBe(1);
    command.kill('SIGINT');
    expect(await command.ended).toBe(130);
  });

  test('writes a table each interval', async () => {
    await using it = await controlled();
    const args = ['ctl', 'sessions', '--watch', '--interval', '100ms', '--control', it.control];
    await using command = new Command(args);
    expect([await command.line(), await command.line()]).toEqual(['no sessions', 'no sessions']);
    command.kill('SIGTERM');
    expect(await command.ended).toBe(130);
  });
});
