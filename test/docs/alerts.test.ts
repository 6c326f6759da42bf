/** docs/alerts.md says of each rule what the product does by default. */
import { readFileSync } from 'node:fs';
import { ALERT_RULE_NAMES, ALERT_RULES } from '../../src/model/watching/alert-rules';

test('the table of rules is the list of rules', () => {
  const text = readFileSync('docs/alerts.md', 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (.*?) \| (.*?) \| (.*?) \|$/gm)].map((m) => m.slice(1));
  expect(rows).toEqual(
    ALERT_RULE_NAMES.map((name) => {
      const { after, limit, severity } = ALERT_RULES[name];
      const said = limit === null ? '' : `${limit.default} ${limit.unit}`;
      return [name, after === 0 ? 'at once' : `${after / 60_000}m`, said, severity];
    }),
  );
});
