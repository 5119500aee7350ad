import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { reportOf } from '../../adapters/web/index.js';
import {
  abridged,
  mermaidLabel,
  parseRecording,
  recordingText,
  type StepRecord,
  sessionsOf,
  verdictSentence,
  visible,
  visibleJson,
} from '../../machines/index.js';
import { markupOf } from '../../viz/src/chart/markup.js';
import { ladderMermaid, ladderSvg } from '../../viz/src/ladder/index.js';
import { ixgate } from '../cli/in-process.js';
import { Running, serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { RawWebSocket } from '../support/raw-web-socket.js';

closeGatesAfterEach();

/** Client names that try to inject something. */
const nasty = {
  'a terminal: clear, title, bell': '\u001b[2J\u001b]0;owned\u0007',
  'a terminal, in one character': '\u009b31m\u0090',
  'text from right to left': 'invoice\u202efdp.exe\u2066x\u2069',
  'an invisible tag': 'a\u{e0041}\u200b\ufeff',
  'the end of a script': '</script><script>alert(1)</script><!--',
  'an image': '"><img src=x onerror=alert(1)>',
  'an entity': '&lt;b&gt;&#60;',
  'the end of CDATA': ']]><svg onload=alert(1)>',
  'a shell': '`id`$(id);"\'',
  'a setting of Mermaid': '%%{init: {"securityLevel":"loose"}}%%',
  'a line of Mermaid': ';\nend\nClient->>Server: forged\nclick A "javascript:x"',
  'a line of the log':
    '\r\n{"level":"info","event":"registered","msg":"forged"}\n12:00:00 INFO forged',
  'a formula': "=cmd|' /C calc'!A0",
  'the end of a string': 'a\u0000b\u2028c\u2029d',
  'a replacement pattern': '$& $1 $` \\u0041 %s %o',
};
const all = Object.values(nasty).join('');
/** As far as it can be typed: a command line cannot contain NUL. */
const typed = all.replaceAll('\u0000', '');
const nastyNames = Object.entries(nasty);

/** Characters that a terminal obeys or hides, except line ends. */
const obeyed = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u;

/** The recorded steps of a session whose client has this name. */
async function stepsOf(clientName: string): Promise<StepRecord[]> {
  const steps: StepRecord[] = [];
  const { server, client } = await openGate();
  server.on('step', (step) => steps.push(step));
  const desk = await client();
  await desk.ask({ messageName: clientName, referenceId: 1, text: clientName });
  await desk.ask(registerRequest({ clientName, [clientName]: clientName }));
  desk.socket.end();
  await desk.ended;
  await expect.poll(() => steps.at(-1)?.to).toBe('disconnected');
  return steps;
}

function viewOf(steps: readonly StepRecord[]) {
  const [session] = sessionsOf(steps).values();
  if (!session) throw new Error('no session');
  return { summary: session.summary, steps, gaps: [], complete: true, rejected: 0 };
}

describe('A client name is escaped wherever it is written', () => {
  it.each(nastyNames)('%s: words, JSON, Mermaid, SVG, HTML, recording', async (_what, name) => {
    const steps = await stepsOf(name);
    const view = viewOf(steps) as unknown as Parameters<typeof ladderSvg>[0];

    expect(visible(name)).not.toMatch(obeyed);
    expect(visible(name)).not.toContain('\n');
    expect(visible(verdictSentence(view.summary))).not.toMatch(obeyed);
    expect(abridged({ name }, 1_000)).not.toMatch(obeyed);
    const json = visibleJson(JSON.stringify({ name, [name]: [name] }));
    expect(json).not.toMatch(obeyed);
    expect(json).not.toContain('\n');
    expect(JSON.parse(json)).toEqual({ name, [name]: [name] });

    const { steps: read, problems } = parseRecording(recordingText(steps));
    expect({ read, problems }).toEqual({ read: steps, problems: [] });

    const svg = ladderSvg(view);
    expect(svg).not.toMatch(obeyed);
    expect(svg.replace(/<\/?(svg|title|rect|path|text)\b[^<>]*>/g, '')).not.toMatch(/[<>]/);
    expect(svg).not.toMatch(/<[^<>]*\son\w+=|&(?!amp;|lt;|gt;|quot;|#39;)/);

    const mermaid = ladderMermaid(view);
    const line =
      /^(sequenceDiagram| {4}participant \w+ as [\w ]+| {4}Note over Client,Interaction_Server: [\w .,/()'#;-]*| {4}\w+-(>>|x)\w+: [\w .,/()'#;-]*|)$/;
    expect(mermaid.split('\n').filter((text) => !line.test(text))).toEqual([]);
    expect(mermaidLabel(name)).toMatch(/^[\w .,/()'#;-]*$/);

    const markup = markupOf(createElement('text', { fill: name }, name));
    expect(markup.replace(/^<text fill="[^"<>]*">[^<>]*<\/text>$/s, '')).toBe('');
  });

  it('a report has one script with the data, and its page runs nothing of the name', async () => {
    const steps = await stepsOf(all.slice(0, 250));
    const html = await reportOf(steps);
    const [, data = ''] = /id="ixgate-report">([^<]*)<\/script>/.exec(html) ?? [];
    expect(JSON.parse(data)).toEqual({ steps });
    const bare = await reportOf([]);
    const scripts = (text: string) => text.match(/<script/g)?.length;
    expect(scripts(html)).toBe(scripts(bare));
    expect(html.length - data.length).toBe(bare.length - '{"steps":[]}'.length);
  });
});

describe('Data of the other side is escaped on a terminal, in every command', () => {
  /** A server that answers every request with the next line. */
  async function answering(...lines: object[]) {
    const server = createTcpServer((socket) => {
      let at = 0;
      socket.on('error', () => {});
      socket.on('data', () => socket.write(`${JSON.stringify(lines[at++ % lines.length])}\n`));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      endpoint: `tcp://127.0.0.1:${port}`,
      [Symbol.asyncDispose]: async () => void server.close(),
    };
  }

  const who = ['--name', 'desk-1', '--type', 'AgentApplication'];
  const ack = { messageName: 'EventAck', referenceId: 1 };
  const refusal = { messageName: 'EventError', referenceId: 1, errorCode: 2 };

  it('register, send and figures show it, and in JSON it is unchanged', async () => {
    await using granting = await answering({ ...ack, greeting: all, [all]: all });
    await using refusing = await answering({ ...refusal, errorDescription: all });
    await using telling = await answering(ack, { ...ack, referenceId: 2, greeting: all });
    const runs = await Promise.all([
      ixgate(['register', granting.endpoint, ...who]),
      ixgate(['register', granting.endpoint, ...who, '--json']),
      ixgate(['register', refusing.endpoint, ...who]),
      ixgate(['register', refusing.endpoint, ...who, '--json']),
      ixgate(['send', telling.endpoint, ...who, '{"messageName":"RequestX"}']),
      ixgate(['send', telling.endpoint, ...who, '{"messageName":"RequestX"}', '--json']),
      ixgate([
        'figures',
        'run',
        '1',
        '--against',
        refusing.endpoint,
        '--response-timeout',
        '300ms',
      ]),
      ixgate([
        ...['figures', 'run', '1', '--against', refusing.endpoint, '--response-timeout', '300ms'],
        '--json',
      ]),
      ixgate(['serve', '--listen', typed]),
    ]);
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toMatch(obeyed);
    for (const { stdout, stderr } of runs.filter((_, at) => [0, 2, 4, 8].includes(at))) {
      expect((stdout + stderr).trimEnd().split('\n')).toHaveLength(1);
    }
    const said = runs.map(({ stdout, stderr }) => stdout || stderr);
    expect(JSON.parse(said[1] ?? '').answer.greeting).toBe(all);
    expect(JSON.parse(said[3] ?? '').error.errorDescription).toBe(all);
    expect(JSON.parse(said[5] ?? '').answer.greeting).toBe(all);
  });

  it('report shows it', async () => {
    await using folder = await temporaryFolder();
    const steps = (await stepsOf(all.slice(0, 250))).map((step) => ({ ...step, session: typed }));
    await writeFile(join(folder.path, 'one.jsonl'), recordingText(steps));
    for (const args of [
      ['one.jsonl'],
      ['one.jsonl', '--session', typed, '--out', 'two.html', '--json'],
    ]) {
      const { code, stdout, stderr } = await ixgate(['report', ...args], { cwd: folder.path });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).not.toMatch(obeyed);
      expect(stdout).not.toContain('\r');
    }
  });

  it.each([
    ['pretty', /^\[\d\d:\d\d:\d\d\.\d{3}\] (INFO|WARN): .*$/],
    ['json', /^\{"level":"(info|warn)","time":"[^"]+",.*\}$/],
  ])('the log of serve (%s) has one line per event, and nothing forged', async (format, line) => {
    await using gate = new Running([
      ...['serve', '--log-format', format, '--admin', 'off'],
      ...['--listen', 'tcp://127.0.0.1:0', '--listen', 'ws://127.0.0.1:0'],
    ]);
    let written = '';
    gate.child.stdout?.on('data', (chunk) => {
      written += chunk;
    });
    const ports = () =>
      [...written.matchAll(/(?:tcp|ws):\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
    await expect.poll(() => ports().length).toBeGreaterThan(1);
    const [tcp = 0, ws = 0] = ports();
    await expect.poll(() => written.endsWith('\n')).toBe(true);
    written = '';
    await using desk = await lineClient(tcp);
    await desk.ask({ messageName: all, referenceId: 1 });
    await desk.ask(registerRequest({ clientName: all.slice(0, 250), clientType: all }));
    await desk.ask(registerRequest({ clientName: all.slice(0, 250) }));
    await using page = new RawWebSocket(ws, { Origin: 'http://"\u009b31m\u00ad</script>' });
    await page.closed;
    await using garbage = await lineClient(tcp);
    garbage.say(`${all}\n`);
    await garbage.ended;
    desk.socket.end();
    const told = ['registered', 'refused', 'disconnected', 'handshake failed'];
    await expect.poll(() => told.filter((word) => !written.includes(word))).toEqual([]);
    const lines = written.trimEnd().split('\n');
    expect(lines.filter((text) => !line.test(text))).toEqual([]);
    expect(written).not.toMatch(obeyed);
  });
});

/** Separate processes, on a busy machine. */
const patient = { timeout: 30_000 };

describe('T32: a secret appears nowhere', () => {
  it('T32: neither in log and recording, nor on the admin port, with viewers or in a report', async () => {
    await using folder = await temporaryFolder();
    const secrets = [
      'extension',
      'password',
      'nested',
      'listed',
      'garbage',
      'token',
      'webhook',
      'message',
    ].map((name) => `${name}-lorem-ipsum`);
    const [extension, password, nested, listed, garbage, token, webhook, message] = secrets;
    await using gate = await serving([
      ...['--admin', 'http://127.0.0.1:0', '--admin-token', `${token}-of-admin`],
      ...['--validator', `http://user:${webhook}@127.0.0.1:9/`, '--log-level', 'trace'],
      ...['--record', folder.path, '--record-sync', 'always'],
    ]);
    const authorization = `Bearer ${token}-of-admin`;
    const viewers = ['/feed', '/xstate'].map((path) => {
      const socket = new WebSocket(gate.admin.replace('http', 'ws') + path, {
        headers: { authorization },
      });
      const heard: string[] = [];
      socket.on('message', (data) => heard.push(String(data)));
      return { socket, heard };
    });
    await Promise.all(viewers.map(({ socket }) => once(socket, 'open')));
    const [feed, xstate] = viewers;
    feed?.socket.send('{"type":"list"}');
    xstate?.socket.send('{"type":"xstate.inspecting"}');
    await using desk = await lineClient(gate.port);
    await desk.ask({ messageName: 'RequestAgentLogin', referenceId: 1, secretWord: message });
    await desk.ask(
      registerRequest({
        extension: { pin: extension, deep: { pin: extension } },
        password,
        deep: { sessionToken: nested, list: [{ apiKey: listed }] },
      }),
    );
    await using other = await lineClient(gate.port);
    other.say(`{"password":"${garbage}"\n`);
    await other.ended;
    await expect.poll(() => feed?.heard.join('').includes('desk-1'), patient).toBe(true);
    const [, session = ''] =
      /"session":"([^"]+)"[^{}]*"clientName":"desk-1"/.exec(feed?.heard.join('') ?? '') ?? [];
    feed?.socket.send(JSON.stringify({ type: 'watch', session, after: 0 }));
    await expect.poll(() => feed?.heard.join('').includes('"type":"steps"'), patient).toBe(true);
    await expect.poll(() => gate.stdout.includes('validation-failed'), patient).toBe(true);
    const pages = [
      ...['/', '/help', '/healthz', '/readyz', '/metrics', '/sessions', '/recordings.json'],
      ...['/feed', '/nothing'],
    ];
    const answers = await Promise.all(
      pages.map(async (path) => {
        const shown = await fetch(gate.admin + path, { headers: { authorization } });
        const wrong = await fetch(`${gate.admin}${path}?token=${token}-wrong`);
        const told = [...shown.headers, ...wrong.headers].join();
        return [path, shown.status, await shown.text(), await wrong.text(), told] as const;
      }),
    );
    for (const { socket } of viewers) socket.terminate();
    gate.kill('SIGTERM');
    await gate.ended;
    const [file = ''] = await readdir(folder.path);
    const recording = await readFile(join(folder.path, file), 'utf8');
    const { stdout, stderr } = await ixgate(
      ['report', file, '--session', session, '--out', 'report.html'],
      { cwd: folder.path },
    );
    const written = {
      log: gate.stdout + gate.stderr,
      recording,
      report: stdout + stderr + (await readFile(join(folder.path, 'report.html'), 'utf8')),
      feed: feed?.heard.join('') ?? '',
      xstate: xstate?.heard.join('') ?? '',
      ...Object.fromEntries(answers.map(([path, , ...texts]) => [path, texts.join('')])),
    };
    const found = Object.entries(written).flatMap(([where, text]) =>
      secrets.filter((secret) => text.includes(secret)).map((secret) => `${where}: ${secret}`),
    );
    expect(found).toEqual([]);
    // The test would find them: non-secret values are there, and so are the pages.
    for (const where of ['log', 'recording', 'report', 'feed', 'xstate']) {
      expect(written[where as 'log'], where).toContain('desk-1');
    }
    expect(answers.map(([path, status]) => `${path} ${status}`)).toEqual(
      pages.map((path) => `${path} ${{ '/feed': 426, '/nothing': 404 }[path] ?? 200}`),
    );
    const metrics = written['/metrics' as 'log'];
    expect(metrics).toContain('ixgate_connections_accepted_total 2');
    expect(metrics).toMatch(/^ixgate_recorded_steps_total [1-9]/m);
    expect(metrics).toContain('ixgate_feed_viewers 1');
  }, 60_000);

  it('T32: nor in a crash report, whatever was thrown', async () => {
    const secret = 'thrown-lorem-ipsum';
    // The error that a fault of the program could throw, on a signal.
    const thrown = [
      `JSON.parse('{"password": ' + secret + '}')`,
      'throw secret',
      `throw Object.assign(new Error(secret + '\\n    at ' + secret), { detail: secret })`,
      'throw { password: secret }',
      'Promise.reject(new TypeError(secret, { cause: new Error(secret) }))',
    ];
    const told = await Promise.all(
      thrown.map(async (fault) => {
        const code = `const secret = process.env.LOREM; process.on('SIGUSR2', () => { ${fault} })`;
        const script = `data:text/javascript,${encodeURIComponent(code)}`;
        const env = { NODE_OPTIONS: `--import=${script}`, LOREM: secret };
        await using gate = await serving([], { env });
        gate.kill('SIGUSR2');
        return { exit: await gate.ended, stdout: gate.stdout, stderr: gate.stderr };
      }),
    );
    for (const { exit, stdout, stderr } of told) {
      expect(exit).toBe(1);
      expect(stdout).toContain('internal error, the process exits: ');
      expect(stdout + stderr).not.toContain(secret);
    }
  }, 60_000);

  it('T32: nor in an error about a secret that is invalid', async () => {
    const secret = 'wrong-lorem-ipsum';
    await using folder = await temporaryFolder();
    const files = {
      'unquoted.json': `{\n"listen": [],\n"adminToken": ${secret}-${secret}}`,
      'short.json': `{"adminToken": ${secret}}`,
      'unended.json': `{"adminToken": "${secret}}`,
      'blanks.yaml': `adminToken: ${secret} ${secret}`,
      'alias.yaml': `adminToken: *${secret}`,
      'unended.yaml': `adminToken: "${secret}\nlisten: []`,
      'nested.yaml': `adminToken: a: ${secret}`,
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder.path, name), text);
    }
    const who = ['tcp://127.0.0.1:1', '--name', 'a', '--type', 'Proxy'];
    const runs = await Promise.all([
      ...Object.keys(files).map((name) => ixgate(['serve', '--config', join(folder.path, name)])),
      ixgate(['register', ...who, '--extension', `{"pin": ${secret}}`]),
      ixgate(['serve', '--admin-token', `${secret} with blanks`]),
      ixgate(['serve'], { env: { IXGATE_ADMIN_TOKEN: `${secret} with blanks` } }),
      ixgate(['serve', '--validator', `ftp://user:${secret}@127.0.0.1`]),
      ixgate(['serve', '--admin', `http://user:${secret}@127.0.0.1`]),
      ixgate(['serve', '--listen', `tcp://user:${secret}@127.0.0.1:0`]),
      ixgate(['register', `tcp://user:${secret}@127.0.0.1:1`, '--name', 'a', '--type', 'Proxy']),
    ]);
    for (const { code, stdout, stderr } of runs) {
      expect(code).toBe(2);
      expect(stderr).not.toBe('');
      expect(stdout + stderr).not.toContain(secret);
    }
  });
});
