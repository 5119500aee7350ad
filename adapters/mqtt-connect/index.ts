/** The connection of MQTT with its mapper, as `--protocol` loads a protocol. It needs the optional package mqtt-packet. */
export { mqttConnectProtocol as protocol } from '../../machines/mqtt-connect/protocol.js';
export { wire } from './wire.js';
