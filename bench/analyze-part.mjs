// One part of reading a log, for analyze.mjs: its lines, its events, or its sessions.
import { createReadStream } from 'node:fs';
import { analyzeLogs, logFormats, readLogs } from 'ixgate/observer';
import { LineSplitter } from '../dist/adapters/observer/sources/line-splitter.js';

const [part, log] = process.argv.slice(2);
const formats = logFormats();
let count = 0;
const one = () => {
  count += 1;
};
if (part === 'lines') {
  const splitter = new LineSplitter({ take: one, skip: one });
  for await (const chunk of createReadStream(log, { highWaterMark: 262_144 })) splitter.push(chunk);
  splitter.end();
} else if (part === 'events') await readLogs([log], { formats }, () => ({ take: one }));
else await analyzeLogs([log], { formats, onSession: one });
console.log(count);
