/** The connection of MQTT with its mapper, as `--protocol` loads a protocol. The package mqtt-packet is loaded with it. */
export { mqttConnectProtocol as protocol } from '../../machines/mqtt-connect/protocol.js';
export { wire } from './wire.js';
