/** The server of one MQTT connection, from the accepted network connection to its end. */
import { setup } from 'xstate';

export const mqttVersions = ['3.1.1', '5'] as const;
export type MqttVersion = (typeof mqttVersions)[number];

/** What a client sends, by the names of the chart's events, after `the client`. */
export const mqttInputs = {
  connect: 'sends CONNECT with a client id and valid credentials',
  'connect-no-id': 'sends CONNECT without a client id for a session that outlives the connection',
  'connect-level': 'sends CONNECT with an unknown protocol level',
  'connect-refused': 'sends CONNECT with a wrong password',
  'connect-reserved': 'sends CONNECT with the reserved flag set',
  ping: 'sends PINGREQ',
  subscribe: 'sends SUBSCRIBE',
  disconnect: 'sends DISCONNECT',
  malformed: 'sends a packet of the forbidden type 0',
} as const;
export type MqttInput = keyof typeof mqttInputs;

/**
 * Defaults in milliseconds. `keepAlive` is one and a half times the Keep Alive of CONNECT, which is in whole seconds. The specification
 * leaves it to the server how long it waits for CONNECT.
 */
export const mqttTimers = { keepAlive: 1_500, connectTimeout: 30_000 } as const;

/** One packet other than CONNECT ends a connection that has not begun. */
const notConnected = { target: 'closed', actions: 'close' } as const;
/** Each packet starts the time again after which a silent client is disconnected. */
const answered = (action: 'answerPing' | 'answerSubscribe') =>
  ({ target: 'connected', reenter: true, actions: action }) as const;
/** A second CONNECT, whatever it contains, is a protocol error. */
const connectedAlready = { target: 'closed', actions: ['protocolError', 'close'] } as const;

const chart = setup({
  types: { events: {} as { readonly type: MqttInput } },
  delays: mqttTimers,
  actions: {
    accept() {},
    refuseId() {},
    refuseLevel() {},
    refuseCredentials() {},
    refuseMalformed() {},
    protocolError() {},
    malformedPacket() {},
    answerPing() {},
    answerSubscribe() {},
    expire() {},
    close() {},
  },
});

/** The chart of a version: they differ in what a server does with a client without an id. */
export const mqttConnectMachine = (version: MqttVersion) =>
  chart.createMachine({
    id: 'mqtt-connect',
    initial: 'awaiting',
    states: {
      awaiting: {
        after: { connectTimeout: { target: 'closed', actions: 'close' } },
        on: {
          connect: { target: 'connected', actions: 'accept' },
          'connect-no-id':
            version === '5'
              ? { target: 'connected', actions: 'accept' }
              : { target: 'closed', actions: ['refuseId', 'close'] },
          'connect-level': { target: 'closed', actions: ['refuseLevel', 'close'] },
          'connect-refused': { target: 'closed', actions: ['refuseCredentials', 'close'] },
          'connect-reserved': { target: 'closed', actions: ['refuseMalformed', 'close'] },
          ping: notConnected,
          subscribe: notConnected,
          disconnect: notConnected,
          malformed: notConnected,
        },
      },
      connected: {
        after: { keepAlive: { target: 'closed', actions: ['expire', 'close'] } },
        on: {
          ping: answered('answerPing'),
          subscribe: answered('answerSubscribe'),
          disconnect: { target: 'closed', actions: 'close' },
          malformed: { target: 'closed', actions: ['malformedPacket', 'close'] },
          connect: connectedAlready,
          'connect-no-id': connectedAlready,
          'connect-level': connectedAlready,
          'connect-refused': connectedAlready,
          'connect-reserved': connectedAlready,
        },
      },
      closed: { type: 'final' },
    },
  });
