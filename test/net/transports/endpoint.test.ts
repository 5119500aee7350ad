import { describe, expect, it } from 'vitest';
import {
  EndpointError,
  formatEndpoint,
  parseEndpoint,
} from '../../../adapters/net/transports/index.js';
import { IxgateError } from '../../../adapters/runtime/errors.js';

describe('reading an endpoint', () => {
  it.each([
    ['tcp://127.0.0.1:7004', { scheme: 'tcp', host: '127.0.0.1', port: 7004, path: '/' }],
    ['tls://gate.example:7005', { scheme: 'tls', host: 'gate.example', port: 7005, path: '/' }],
    ['ws://[::1]:80/ix?a=1', { scheme: 'ws', host: '::1', port: 80, path: '/ix?a=1' }],
    ['WSS://Gate.Example:443/ix', { scheme: 'wss', host: 'gate.example', port: 443, path: '/ix' }],
    ['tcp://localhost:0', { scheme: 'tcp', host: 'localhost', port: 0, path: '/' }],
    ['tcp://127.0.0.1:65535/', { scheme: 'tcp', host: '127.0.0.1', port: 65535, path: '/' }],
    ['unix:///run/ix.sock', { scheme: 'unix', host: '', port: 0, path: '/run/ix.sock' }],
    ['fd://3', { scheme: 'tcp', host: '', port: 0, path: '/', inherited: 3 }],
    ['tls+fd://12', { scheme: 'tls', host: '', port: 0, path: '/', inherited: 12 }],
    ['systemd://', { scheme: 'tcp', host: '', port: 0, path: '/', inherited: '' }],
    ['wss+systemd://a.b', { scheme: 'wss', host: '', port: 0, path: '/', inherited: 'a.b' }],
  ] as const)('%s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  const hint =
    'expected tcp://host:port, tls://host:port, ws://host:port, wss://host:port or unix:///path';
  it.each([
    ['', 'invalid endpoint "": it has no scheme'],
    ['127.0.0.1:7004', 'invalid endpoint "127.0.0.1:7004": it has no scheme'],
    ['http://127.0.0.1:80', 'invalid endpoint "http://127.0.0.1:80": the scheme is http'],
    ['tcp://127.0.0.1', 'invalid endpoint "tcp://127.0.0.1": it has no port'],
    ['tcp://[::1]', 'invalid endpoint "tcp://[::1]": it has no port'],
    ['tcp://', 'invalid endpoint "tcp://": host or port cannot be read'],
    ['tcp://:7004', 'invalid endpoint "tcp://:7004": host or port cannot be read'],
    ['tcp://a:65536', 'invalid endpoint "tcp://a:65536": host or port cannot be read'],
    ['tcp://a:-1', 'invalid endpoint "tcp://a:-1": host or port cannot be read'],
    ['tcp://a b:1', 'invalid endpoint "tcp://a b:1": host or port cannot be read'],
    ['tcp://a:1/ix', 'invalid endpoint "tcp://a:1/ix": tcp has no path'],
    ['tls://a:1?x', 'invalid endpoint "tls://a:1?x": tls has no path'],
    ['unix://run/ix.sock', 'invalid endpoint "unix://run/ix.sock": its path is not absolute'],
    ['unix:///run/', 'invalid endpoint "unix:///run/": its path is not absolute'],
    ['fd://2', 'invalid endpoint "fd://2": the descriptor (3 or more) or the name cannot be read'],
    [
      'systemd://a:b',
      'invalid endpoint "systemd://a:b": the descriptor (3 or more) or the name cannot be read',
    ],
    ['udp+fd://3', 'invalid endpoint "udp+fd://3": the scheme is udp+fd'],
    ['ws://me:secret@a:1', 'invalid endpoint "ws://***@a:1": it carries a password'],
  ])('refuses %j and says why', (text, problem) => {
    expect(() => parseEndpoint(text)).toThrow(EndpointError);
    expect(() => parseEndpoint(text)).toThrow(
      expect.objectContaining({ code: 'BAD_ENDPOINT', message: `${problem}; ${hint}` }),
    );
  });

  it('throws an IxgateError', () => {
    expect(() => parseEndpoint('nowhere')).toThrow(IxgateError);
  });
});

describe('writing an endpoint', () => {
  it.each([
    'unix:///run/ix.sock',
    'fd://3',
    'systemd://',
    'tls+systemd://clients',
    'tcp://127.0.0.1:7004',
    'tls://[::1]:7005',
    'ws://gate.example:80',
    'wss://gate.example:443/ix?a=1',
  ])('%s reads back as it was', (text) => {
    expect(formatEndpoint(parseEndpoint(text))).toBe(text);
  });
});
