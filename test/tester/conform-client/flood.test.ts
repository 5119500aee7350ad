import { expect, test } from 'vitest';
import { judged } from './played.js';
import { type Behaviour, login, request, wrongClient } from './wrong-clients.js';

test('lets a registered client talk as much as it likes, and keeps a bounded part of it', async () => {
  const talker: Behaviour = ({ say, hear }) => {
    say(request(1));
    hear(({ referenceId }) => {
      if (referenceId !== 1) return;
      for (let id = 2; id < 2_000; id += 1) say({ ...login, referenceId: id });
    });
  };
  const { verdict, paths } = await judged(({ port }) => wrongClient(port, talker), {
    paths: ['ack'],
    settle: 1_000,
  });
  expect(verdict).toBe('pass');
  expect(paths[0]?.seen.length).toBeLessThan(1_100);
  expect(paths[0]?.ending).toMatch(
    /^the Interaction Server disconnected .*\d+ more messages were not kept\)$/,
  );
});

test('keeps a bounded part of what a client says that floods it', async () => {
  const line = `${JSON.stringify({ messageName: 'RequestFlood', text: 'x'.repeat(100) })}\n`;
  const flood: Behaviour = ({ socket }) => {
    const pour = () => {
      while (socket.writable && socket.write(line.repeat(1_000)));
    };
    socket.on('drain', pour);
    pour();
  };
  const { verdict, paths } = await judged(({ port }) => wrongClient(port, flood), {
    paths: ['ack'],
  });
  expect(verdict).toBe('fail');
  expect(paths[0]?.violations[0]?.requirement).toBe('registers-first');
  expect(paths[0]?.ending).toContain(
    'the client sent more than the tester keeps of one connection',
  );
  expect(paths[0]?.seen.length).toBeLessThan(1_100);
});

test('ends a frame without end', async () => {
  const endless: Behaviour = ({ socket }) => {
    const pour = () => {
      while (socket.writable && socket.write('['.repeat(65_536)));
    };
    socket.on('drain', pour);
    pour();
  };
  const { paths } = await judged(({ port }) => wrongClient(port, endless), { paths: ['ack'] });
  expect(paths[0]?.violations[0]?.sentence).toMatch(/an invalid frame: the frame is too long; /);
});
