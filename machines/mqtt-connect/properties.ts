/** What holds in every session of the chart. */
import type { ProtocolProperty } from '../engine/kit/definition.js';

const accepted = 'CONNACK-0';

export const mqttProperties: readonly ProtocolProperty[] = [
  {
    id: 'connect-first',
    sentence: 'only CONNECT begins a connection',
    brokenBy: ({ from, input, to }) =>
      from !== 'connected' && to === 'connected' && !input.startsWith('connect'),
  },
  {
    id: 'connack-once',
    sentence: 'a connection begins with CONNACK 0, and no second CONNACK is sent on it',
    brokenBy: ({ from, to, outputs }) =>
      (from !== 'connected' && to === 'connected') !== outputs.includes(accepted) ||
      (from === 'connected' && outputs.some((output) => output.startsWith('CONNACK'))),
  },
  {
    id: 'refusal-closes',
    sentence:
      'the server closes the connection after each CONNACK other than 0 and each DISCONNECT',
    brokenBy: ({ to, outputs }) =>
      (to !== 'closed' || outputs.at(-1) !== 'closed') &&
      outputs.some((output) => /^(CONNACK|DISCONNECT)-[1-9]/.test(output)),
  },
  {
    id: 'closed-once',
    sentence: 'a session that is closed stays closed and silent',
    brokenBy: ({ from, to, outputs }) =>
      from === 'closed'
        ? to !== 'closed' || outputs.length > 0
        : (to === 'closed') !== outputs.includes('closed'),
  },
  {
    id: 'keep-alive',
    sentence: 'each packet that the server answers starts the Keep Alive again',
    brokenBy: ({ to, outputs, starts }) =>
      to === 'connected' && outputs.length > 0 && !starts.includes('keepAlive'),
  },
  { id: 'silent-ends', sentence: 'each session ends in which the client falls silent', ends: true },
];
