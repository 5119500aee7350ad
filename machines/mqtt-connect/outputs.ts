/** What a client sees of each action of the server, by the version of MQTT. A code follows the name of a packet after a hyphen. */
import { closed } from '../engine/kit/definition.js';
import type { MqttVersion } from './chart.js';

type Outputs = Readonly<Record<string, string | readonly string[]>>;

const both: Outputs = {
  accept: 'CONNACK-0',
  answerPing: 'PINGRESP',
  answerSubscribe: 'SUBACK',
  close: closed,
};

/** Lists have the expected output first. The others are allowed, each for the reason beside it. */
const outputs: Readonly<Record<MqttVersion, Outputs>> = {
  '3.1.1': {
    ...both,
    refuseId: 'CONNACK-2',
    refuseLevel: 'CONNACK-1',
    // Table 3.1 has two codes that fit. Section 3.1.4: a CONNACK should be sent, but need not.
    refuseCredentials: ['CONNACK-4', 'CONNACK-5', ''],
    refuseMalformed: '',
    // A server of 3.1.1 has no packet to say why it closes.
    protocolError: '',
    malformedPacket: '',
    expire: '',
  },
  '5': {
    ...both,
    // MQTT-3.1.2-2: a CONNACK may be sent.
    refuseLevel: ['CONNACK-132', ''],
    // Section 3.1.4: a CONNACK may be sent; bad user name or password, or not authorized.
    refuseCredentials: ['CONNACK-134', 'CONNACK-135', ''],
    // Section 4.13: a CONNACK may be sent; malformed packet, or protocol error.
    refuseMalformed: ['CONNACK-129', 'CONNACK-130', ''],
    // Section 4.13: DISCONNECT should be sent, but need not. A CONNECT with other mistakes may be reported as malformed.
    protocolError: ['DISCONNECT-130', 'DISCONNECT-129', ''],
    malformedPacket: ['DISCONNECT-129', 'DISCONNECT-130', ''],
    // Keep Alive timeout; the connection is closed as if the network had failed, so it need not be sent.
    expire: ['DISCONNECT-141', ''],
  },
};

export function mqttOutputs(version: MqttVersion): Outputs {
  return outputs[version];
}
