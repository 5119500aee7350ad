import { type MqttVersion, mqttVersions } from '../machines/mqtt-connect/chart.js';
import { mqttStatements } from '../machines/mqtt-connect/statements.js';
import { table, withTables } from './readme-tables.js';

/** docs/protocols.md with the table of the statements of MQTT. */
export function withStatements(page: string): string {
  return withTables(page, new Map([['mqtt-statements', statementsTable()]]), 'docs/protocols.md');
}

function statementsTable(): string {
  const rows = new Map<
    string,
    { readonly id: string; readonly sentence: string; readonly in: MqttVersion[] }
  >();
  for (const version of mqttVersions) {
    for (const { id, sentence } of mqttStatements(version)) {
      const row = rows.get(`${id} ${sentence}`) ?? { id, sentence, in: [] };
      row.in.push(version);
      rows.set(`${id} ${sentence}`, row);
    }
  }
  const sorted = [...rows.values()].sort((one, other) =>
    one.id.localeCompare(other.id, 'en', { numeric: true }),
  );
  return table(
    ['statement', 'versions', 'in our words'],
    sorted.map((row) => [row.id, row.in.join(', '), row.sentence]),
  );
}
