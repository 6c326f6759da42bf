// @ts-check
// docs/reference/metrics.md out of src/telemetry/metric-list.ts.
import { head } from './text.mjs';

const INTRO = `\`/metrics\` of the daemon (\`http.host\`, \`http.port\`) answers in the text form of Prometheus. Counters begin at zero with each
start; ages and lags are absent until they are known, never a reassuring 0. The conditions are proposals: set the numbers to what
your receivers were promised.`;

export function metricsPage(groups) {
  const sections = groups.map(({ title, metrics }) => `## ${title}\n\n${metrics.map(metric).join('\n')}`);
  return [head('Metrics', 'src/telemetry/metric-list.ts', INTRO), ...sections].join('\n');
}

function metric({ name, type, labels, unit, help, means, alert }) {
  const of = labels.length === 0 ? 'no labels' : `labels ${labels.map((l) => `\`${l}\``).join(', ')}`;
  return `### ${name}\n\n${type}, ${unit}, ${of}\n\n${help}. ${means}\n\n**Alert:** ${alert}\n`;
}
