/** The connection of MQTT as a protocol: CONNECT before anything else, keep alive, and how a connection ends. */
import { defineProtocol } from '../engine/kit/define-protocol.js';
import {
  type MqttInput,
  type MqttVersion,
  mqttConnectMachine,
  mqttInputs,
  mqttTimers,
  mqttVersions,
} from './chart.js';
import { mqttFigures } from './figures.js';
import { mqttOutputs } from './outputs.js';
import { mqttProperties } from './properties.js';
import { mqttStatements } from './statements.js';

export const mqttConnectProtocol = defineProtocol<MqttInput, { version: MqttVersion }>({
  name: 'mqtt-connect',
  title: 'The connection of MQTT',
  system: 'MQTT server',
  machine: ({ version }) => mqttConnectMachine(version),
  inputs: mqttInputs,
  outputs: ({ version }) => mqttOutputs(version),
  timers: mqttTimers,
  chosenByServer: ['connectTimeout'],
  settings: { version: mqttVersions },
  figures: ({ version }) => mqttFigures(version),
  statements: ({ version }) => mqttStatements(version),
  properties: mqttProperties,
});
