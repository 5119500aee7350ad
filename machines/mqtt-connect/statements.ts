/**
 * Statements of the specification about the beginning and the end of a connection, by number. Sentences are our own words. Section 3.1.4
 * states without a number that a server should not wait for CONNECT without limit.
 */
import type { Statement } from '../engine/kit/definition.js';
import { type MqttInput, type MqttVersion, mqttInputs } from './chart.js';

const connects = Object.keys(mqttInputs).filter((input) => input.startsWith('connect'));
const others = Object.keys(mqttInputs).filter((input) => !input.startsWith('connect'));
const awaiting = (...inputs: readonly MqttInput[]) => inputs.map((input) => `awaiting:${input}`);
const connected = (...inputs: readonly MqttInput[]) => inputs.map((input) => `connected:${input}`);

const staysOpen = (observed: string) => !observed.includes('closed');
/** After a CONNACK of a refusal the connection stays open. */
const isRefusedAndOpen = (observed: string) =>
  /CONNACK-[1-9]/.test(observed) && staysOpen(observed);

const keepsAlive = {
  sentence:
    'the server closes the connection of a client that sends nothing for one and a half times its Keep Alive',
  edges: ['connected:keepAlive'],
} as const;

/** The same number and meaning in both versions. */
const both: readonly Statement[] = [
  {
    id: 'MQTT-3.1.0-1',
    sentence:
      'the first packet of a client is CONNECT; a server closes the connection after another one',
    edges: awaiting(...(others as MqttInput[])),
  },
  {
    id: 'MQTT-3.1.0-2',
    sentence: 'a second CONNECT is a protocol error, and the server closes the connection',
    edges: connected(...(connects as MqttInput[])),
  },
  {
    id: 'MQTT-3.1.2-3',
    sentence: 'the server checks that the reserved flag of CONNECT is 0',
    edges: awaiting('connect-reserved'),
    brokenBy: staysOpen,
  },
  {
    id: 'MQTT-3.8.4-1',
    sentence: 'the server answers SUBSCRIBE with SUBACK',
    edges: connected('subscribe'),
  },
  {
    id: 'MQTT-3.12.4-1',
    sentence: 'the server answers PINGREQ with PINGRESP',
    edges: connected('ping'),
  },
  {
    id: 'section 3.14.4',
    sentence: 'the server closes the connection after DISCONNECT if the client has not',
    edges: connected('disconnect'),
  },
  {
    id: 'section 3.1.4',
    sentence: 'the server closes a connection on which no CONNECT comes in a reasonable time',
    edges: ['awaiting:connectTimeout'],
  },
];

const byVersion: Readonly<Record<MqttVersion, readonly Statement[]>> = {
  '3.1.1': [
    { id: 'MQTT-3.1.2-24', ...keepsAlive },
    {
      id: 'MQTT-3.1.2-2',
      sentence:
        'the server answers an unknown protocol level with CONNACK 1 and closes the connection',
      edges: awaiting('connect-level'),
    },
    {
      id: 'MQTT-3.1.3-8',
      sentence:
        'the server answers CONNECT without a client id and without CleanSession with CONNACK 2 and closes the connection',
      edges: awaiting('connect-no-id'),
    },
    {
      id: 'MQTT-3.1.4-1',
      sentence: 'the server closes the connection without CONNACK after a CONNECT of another form',
      edges: awaiting('connect-reserved'),
    },
    {
      id: 'MQTT-3.1.4-4',
      sentence: 'the server answers a valid CONNECT with CONNACK 0',
      edges: awaiting('connect'),
    },
    {
      id: 'MQTT-3.2.2-5',
      sentence: 'after a CONNACK other than 0 the server closes the connection',
      edges: awaiting('connect-level', 'connect-refused', 'connect-no-id'),
      brokenBy: isRefusedAndOpen,
    },
    {
      id: 'MQTT-4.8.0-1',
      sentence: 'after a protocol violation the server closes the connection',
      edges: connected('malformed'),
    },
  ],
  '5': [
    { id: 'MQTT-3.1.2-22', ...keepsAlive },
    {
      id: 'MQTT-3.1.2-2',
      sentence:
        'the server may answer an unknown protocol version with CONNACK 132, and closes the connection',
      edges: awaiting('connect-level'),
    },
    {
      id: 'MQTT-3.1.3-6',
      sentence: 'a server that allows clients without a client id assigns one',
      edges: awaiting('connect-no-id'),
    },
    {
      id: 'MQTT-3.1.4-1',
      sentence: 'the server closes the connection after a CONNECT of another form',
      edges: awaiting('connect-reserved'),
    },
    {
      id: 'MQTT-3.1.4-2',
      sentence:
        'the server closes the connection when its checks of CONNECT fail, e.g. the credentials',
      edges: awaiting('connect-refused'),
    },
    {
      id: 'MQTT-3.1.4-5',
      sentence: 'the server answers a valid CONNECT with CONNACK 0',
      edges: awaiting('connect', 'connect-no-id'),
    },
    {
      id: 'MQTT-3.2.2-7',
      sentence: 'after a CONNACK of 128 or more the server closes the connection',
      edges: awaiting('connect-level', 'connect-refused', 'connect-reserved'),
      brokenBy: isRefusedAndOpen,
    },
    {
      id: 'MQTT-3.14.0-1',
      sentence: 'the server sends no DISCONNECT before a CONNACK of less than 128',
      edges: awaiting(...(Object.keys(mqttInputs) as MqttInput[])),
      brokenBy: (observed) => observed.includes('DISCONNECT'),
    },
    {
      id: 'MQTT-4.13.1-1',
      sentence: 'after a malformed packet or a protocol error the server closes the connection',
      edges: connected('malformed', ...(connects as MqttInput[])),
      brokenBy: staysOpen,
    },
  ],
};

/** The statements of a version, by number. */
export function mqttStatements(version: MqttVersion): readonly Statement[] {
  const all = [...both, ...byVersion[version]];
  return all.sort((one, other) => one.id.localeCompare(other.id, 'en', { numeric: true }));
}
