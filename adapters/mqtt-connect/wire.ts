/** MQTT's connection on the wire, over mqtt-packet. */
import { randomBytes } from 'node:crypto';
import { generate, type Packet, parser } from 'mqtt-packet';
import type { Wire, WireSession, WireValues } from '../../machines/engine/kit/wire.js';
import type { MqttInput, MqttVersion } from '../../machines/mqtt-connect/chart.js';

/** Makes client ids of this process unlike those of others on the same server. */
const run = randomBytes(4).toString('hex');

const levels: Readonly<Record<MqttVersion, 4 | 5>> = { '3.1.1': 4, '5': 5 };
const unknownLevel = 7;

/** The places of fields in a CONNECT of less than 128 bytes. */
const levelAt = 8;
const flagsAt = 9;
const reserved = 0b1;
const cleanSession = 0b10;

/** The password of `connect-refused`. */
const wrongPassword = 'wrong-password-of-ixgate';

export const wire: Wire<MqttInput, { readonly version: MqttVersion }> = {
  subprotocol: 'mqtt',
  values: {
    username: 'user name that the server accepts with the password',
    password:
      'its password; connect-refused is left out without it, because a server without authentication refuses no client',
  },
  without: ({ password }) => (password === undefined ? ['connect-refused'] : []),
  session({ settings: { version }, timers, values, number }): WireSession<MqttInput> {
    const protocolVersion = levels[version];
    const options = { protocolVersion };
    const connect = (password = values.password, clientId = `ixgate${run}${number}`) =>
      generate(
        {
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion,
          clean: true,
          clientId,
          keepalive: Math.round((timers.keepAlive ?? 0) / 1_500),
          ...credentials(values, password),
        },
        options,
      );
    const packets: Readonly<Record<MqttInput, () => Uint8Array>> = {
      connect: () => connect(),
      // The library makes no CONNECT that is wrong.
      'connect-no-id': () =>
        patched(connect(values.password, ''), flagsAt, (flags) => flags & ~cleanSession),
      'connect-level': () => patched(connect(), levelAt, () => unknownLevel),
      'connect-refused': () => connect(wrongPassword),
      'connect-reserved': () => patched(connect(), flagsAt, (flags) => flags | reserved),
      ping: () => generate({ cmd: 'pingreq' }, options),
      subscribe: () =>
        generate(
          { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'ixgate/test', qos: 0 }] },
          options,
        ),
      disconnect: () => generate({ cmd: 'disconnect' }, options),
      malformed: () => Uint8Array.of(0, 0),
    };
    const reading = parser(options);
    const outputs: string[] = [];
    reading.on('packet', (packet) => outputs.push(outputOf(packet)));
    reading.on('error', (error) => {
      throw error;
    });
    return {
      encode: (input) => packets[input](),
      decode(bytes) {
        reading.parse(Buffer.from(bytes));
        return outputs.splice(0);
      },
    };
  },
};

function credentials({ username }: WireValues, password: string | undefined) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && {
      username: username ?? 'ixgate',
      password: Buffer.from(password),
    }),
  };
}

function patched(packet: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = Uint8Array.from(packet);
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

/** A packet as an output of the chart: `CONNACK-0`, `DISCONNECT-130`, `PINGRESP`. */
function outputOf(packet: Packet): string {
  const name = packet.cmd.toUpperCase();
  if (packet.cmd === 'connack') return `${name}-${packet.reasonCode ?? packet.returnCode}`;
  return packet.cmd === 'disconnect' ? `${name}-${packet.reasonCode ?? 0}` : name;
}
