import { expect, it } from 'vitest';
import { webSocketOf } from '../../viz/src/parts/web-socket-of.js';

const plain = { protocol: 'http:', hostname: 'gate.example' };
const secure = { protocol: 'https:', hostname: 'gate.example' };

it('a page speaks to the gate at its WebSocket endpoint, and where there is none at none', () => {
  expect(webSocketOf(['tcp://127.0.0.1:7204', 'ws://127.0.0.1:7205'], plain)).toBe(
    'ws://127.0.0.1:7205',
  );
  expect(webSocketOf(['wss://127.0.0.1:1', 'ws://127.0.0.1:2'], plain)).toBe('ws://127.0.0.1:2');
  expect(webSocketOf(['tcp://127.0.0.1:7204', 'tls://127.0.0.1:1'], plain)).toBeNull();
});

it('a secure page asks for a secure one', () => {
  expect(webSocketOf(['ws://127.0.0.1:2', 'wss://127.0.0.1:1/ix'], secure)).toBe(
    'wss://127.0.0.1:1/ix',
  );
  expect(webSocketOf(['ws://127.0.0.1:2'], secure)).toBeNull();
});

it('an endpoint on every address is reached where the page was', () => {
  expect(webSocketOf(['ws://0.0.0.0:7005'], plain)).toBe('ws://gate.example:7005');
  expect(webSocketOf(['ws://[::]:7005/ix'], plain)).toBe('ws://gate.example:7005/ix');
});
