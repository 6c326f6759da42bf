/** Why a rule said no, in words: the clause as it stands in the configuration, held against the change. No row values. */
import type { RuleVerdict } from '../../map/mapper';
import type { RuleOptions } from '../../map/options';
import type { Change } from '../../model/change';

/** @param rule as configured now; null when it is no longer there */
export function clauseText(rule: RuleOptions | null, verdict: RuleVerdict, change: Change): string {
  const { result } = verdict;
  if (result.is === 'mapped') {
    if (result.news.length > 0) return `makes ${rule?.parent?.event ?? 'parent'}.updated of its parent`;
    return `makes ${result.events.map((e) => `${e.type} for ${e.destinations.join(', ')}`).join('; ')}`;
  }
  if (result.is === 'refused') {
    const policy = result.disposition === 'stop' ? 'stop' : 'quarantine-row';
    return `column ${result.column} cannot be decoded (${result.code}), and onError is ${policy}`;
  }
  return rule === null ? `filtered by ${result.by}` : filteredText(rule, result.by, verdict, change);
}

function filteredText(rule: RuleOptions, by: string, { changed }: RuleVerdict, change: Change): string {
  switch (by) {
    case 'actions':
      return `actions is [${rule.actions.join(', ')}], this is ${article(change.op)} ${change.op}`;
    case 'onDelete':
      return 'onDelete is ignore (the default)';
    case 'when':
      return `when is not true: ${rule.when}`;
    case 'whenChanged': {
      const did = changed === null || changed.length === 0 ? 'nothing did' : `${changed.join(', ')} did`;
      return `whenChanged: none of ${rule.whenChanged?.join(', ')} changed; ${did}`;
    }
    case 'event.by':
      return rule.event.is === 'discriminator'
        ? `event.by: ${rule.event.by} is none of ${Object.keys(rule.event.types).join(', ')}`
        : 'event.by';
    case 'ignore.users':
      return `ignore.users matches ${change.user}`;
    case 'ignore.jobs':
      return `ignore.jobs matches ${change.job}`;
    case 'ignore.programs':
      return `ignore.programs matches ${change.program}`;
    default:
      return `filtered by ${by}`;
  }
}

function article(op: string): string {
  return /^[aeiou]/.test(op) ? 'an' : 'a';
}
