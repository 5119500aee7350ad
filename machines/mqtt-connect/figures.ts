/** The sessions that the specification describes, as data that is played. */
import type { ProtocolFigure } from '../engine/kit/definition.js';
import type { MqttInput, MqttVersion } from './chart.js';

type Steps = ProtocolFigure<MqttInput>['steps'];

const begins: Steps[number] = { input: 'connect', output: 'CONNACK-0' };

/** What only version 5 sends before it closes. */
export function mqttFigures(version: MqttVersion): readonly ProtocolFigure<MqttInput>[] {
  const in5 = (packet: string) => (version === '5' ? `${packet} closed` : 'closed');
  const figure = (id: string, title: string, section: string, steps: Steps) =>
    ({ id, title, source: `MQTT ${version}, section ${section}`, steps }) as const;
  return [
    figure('success', 'A client connects, stays and leaves', '3.1, 3.12 and 3.14', [
      begins,
      { input: 'ping', output: 'PINGRESP' },
      { input: 'disconnect', output: 'closed' },
    ]),
    figure('refused', 'A client with a wrong password is refused', '3.1.4 and 3.2', [
      { input: 'connect-refused', output: `CONNACK-${version === '5' ? 134 : 4} closed` },
    ]),
    figure('other-first', 'The first packet is not CONNECT', '3.1', [
      { input: 'subscribe', output: 'closed' },
    ]),
    figure('second-connect', 'A client sends CONNECT twice', '3.1', [
      begins,
      { input: 'connect', output: in5('DISCONNECT-130') },
    ]),
    figure('keep-alive', 'A client falls silent', '3.1.2.10', [
      begins,
      { input: 'wait', output: '' },
      { input: 'ping', output: 'PINGRESP' },
      { input: 'wait', output: '' },
      { input: 'silence', output: in5('DISCONNECT-141') },
    ]),
  ];
}
