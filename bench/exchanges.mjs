// The messages of a client to each kind of server until it is accepted, and the expected answers.

const request = JSON.stringify({
  messageName: 'RequestRegisterClient',
  referenceId: 1,
  clientName: 'bench-1',
  clientType: 'AgentApplication',
});

/** A masked text frame; a mask of zeros leaves the text unchanged. */
function frame(text) {
  const length = Buffer.byteLength(text);
  const header =
    length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 0xff];
  return `${Buffer.from([...header, 0, 0, 0, 0]).toString('latin1')}${text}`;
}

const upgrade = (path) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n');

/** MQTT 3.1.1 CONNECT: clean session, a client id chosen by the server. */
function mqttConnect({ user, password } = {}) {
  const text = (value) => [value.length >> 8, value.length & 0xff, ...Buffer.from(value)];
  const flags = 0x02 | (user ? 0xc0 : 0);
  const rest = [
    ...text('MQTT'),
    4,
    flags,
    0,
    60,
    ...text(''),
    ...(user ? [...text(user), ...text(password)] : []),
  ];
  return Buffer.from([0x10, rest.length, ...rest]).toString('latin1');
}

export const exchanges = {
  lines: [{ send: `${request}\n`, until: '\n' }],
  webSocket: [
    { send: upgrade('/'), until: '\r\n\r\n' },
    { send: frame(request), until: 'EventAck' },
  ],
  engineIo: [
    { send: upgrade('/engine.io/?EIO=4&transport=websocket'), until: '"sid"' },
    { send: frame(`4${request}`), until: 'EventAck' },
  ],
  socketIo: [
    { send: upgrade('/socket.io/?EIO=4&transport=websocket'), until: '"sid"' },
    {
      send: frame(`40${JSON.stringify({ clientName: 'bench-1', clientType: 'AgentApplication' })}`),
      until: '40{"sid"',
    },
  ],
  mqtt: [{ send: mqttConnect(), until: '\x20\x02\x00\x00' }],
  mqttWithPassword: [
    { send: mqttConnect({ user: 'bench-1', password: 'secret' }), until: '\x20\x02\x00\x00' },
  ],
  nats: [
    { until: '\r\n' },
    {
      send: `CONNECT ${JSON.stringify({ verbose: false, user: 'bench-1', pass: 'secret' })}\r\nPING\r\n`,
      until: 'PONG\r\n',
    },
  ],
  redis: [{ send: 'AUTH secret\r\n', until: '+OK\r\n' }],
};
