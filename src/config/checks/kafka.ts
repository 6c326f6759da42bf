/** Kafka destinations that cannot work, or not beside each other. */
import type { Finding } from '../issue';
import { type ConfigTree, error, objectOf, type Path, warning } from './tree';

/** Longest name of a topic. */
const MAX_TOPIC = 249;

export function kafkaChecks(tree: ConfigTree): Finding[] {
  const findings: Finding[] = [];
  const transactional = new Map<string, string>();
  for (const [name, value] of Object.entries(objectOf(tree['destinations']))) {
    const kafka = objectOf(objectOf(value)['kafka']);
    const path: Path = ['destinations', name, 'kafka'];
    const once = objectOf(kafka['exactlyOnce']);
    findings.push(...topicFindings(kafka['topic'], [...path, 'topic']));
    findings.push(...topicFindings(once['positionTopic'], [...path, 'exactlyOnce', 'positionTopic']));
    const id = once['transactionalId'];
    if (typeof id === 'string') {
      const at = [...path, 'exactlyOnce', 'transactionalId'];
      const other = transactional.get(id);
      if (other)
        findings.push(
          error(
            'CFG_KAFKA',
            at,
            'value',
            JSON.stringify(id),
            `expected an id of its own: ${other} has it, and each would end the other`,
          ),
        );
      transactional.set(id, name);
    }
    if (kafka['sasl'] != null && (kafka['tls'] == null || kafka['tls'] === 'off' || kafka['tls'] === false)) {
      const expected = 'expected tls beside it: user and password travel in the clear';
      findings.push(warning('CFG_LINT_CLEAR', [...path, 'sasl'], 'sasl without tls', expected));
    }
  }
  return findings;
}

/** What stands around the fields of the template; a field itself is made to fit. */
function topicFindings(topic: unknown, path: Path): Finding[] {
  if (typeof topic !== 'string') return [];
  const fixed = topic.replace(/\$\{[^{}]*\}/g, '');
  const fault = (expected: string): Finding[] => [error('CFG_KAFKA', path, 'value', JSON.stringify(topic), expected)];
  if (/[^A-Za-z0-9._-]/.test(fixed)) return fault('expected letters, digits, ".", "_", "-" and ${...} alone');
  if (fixed.length > MAX_TOPIC) return fault(`expected ${MAX_TOPIC} characters at most`);
  return topic === '.' || topic === '..' ? fault('expected another name: Kafka has no topic of this one') : [];
}
