/** What the journal says of a key, for people and for scripts. */

import { counted } from '../../model/counted';
import { lines as asLines, line } from '../../telemetry/visible';
import type { ChangeStory } from './change-story';
import type { JournalSearch } from './journal-search';
import type { JournalTrace, KeyTrace } from './key-trace';

interface Wished {
  readonly key: string;
  /** `the last 24 hours`, `since ...`. */
  readonly span: string;
  readonly depth: bigint;
  readonly limit: number;
}

/** One line for each change that left no event, then one for each journal. */
export function traceLines(trace: KeyTrace, key: string): string {
  const lines: unknown[] = [];
  for (const { stories, ...searched } of trace.journals) {
    for (const change of notShown(stories)) lines.push({ key, change });
    lines.push({ key, searched: { ...searched, changes: stories.length } });
  }
  for (const without of trace.without) lines.push({ key, without });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

export function traceText(trace: KeyTrace, wished: Wished): string {
  const parts = trace.journals.map((j) => journalText(j, wished));
  for (const { table, why } of trace.without) parts.push(line(`${table}: ${why}`));
  return parts.join('');
}

/** All but changes that are shown as stored events and that no rule refused. */
function notShown(stories: readonly ChangeStory[]): readonly ChangeStory[] {
  return stories.filter((s) => !isPublished(s) || !isStored(s) || s.rules.some(isNo));
}

function isPublished({ fate }: ChangeStory): boolean {
  return fate === 'published';
}

function isStored({ events }: ChangeStory): boolean {
  return events.length > 0 && events.every((e) => e.stored);
}

/** A rule for other operations has nothing to say of this one. */
function isNo({ outcome, clause }: ChangeStory['rules'][number]): boolean {
  return outcome === 'filtered' && clause !== 'actions';
}

function journalText(j: JournalTrace, wished: Wished): string {
  const without = j.stories.filter((s) => !isPublished(s)).length;
  const head =
    j.from === null
      ? `journal ${j.journal}  nothing of ${j.tables.join(', ')} to look at (${wished.span})`
      : `journal ${j.journal}  looked at ${j.from} to ${j.to} for ${wished.key} (${wished.span}, ${j.entries} entries): ${counted(j.stories.length, 'change')}, ${without} without an event`;
  const lines = [head, ...notShown(j.stories).flatMap(storyLines)];
  for (const u of j.unreadable) {
    lines.push(
      `  ${u.position} of ${u.table}: its key cannot be determined (${u.code}): the image does not fit the record format`,
    );
  }
  for (const receiver of j.gone) lines.push(`  receiver ${receiver} can no longer be read: not looked at`);
  const more = endText(j.ended, wished);
  if (more) lines.push(`  ${more}`);
  return asLines(lines);
}

function endText(ended: Awaited<ReturnType<JournalSearch['run']>>['ended'], { depth, limit }: Wished): string | null {
  switch (ended) {
    case 'depth':
      return `not looked further back than ${depth} entries: --depth ${depth * 10n}`;
    case 'limit':
      return `the newest ${limit} changes, older ones were not looked for: --limit ${limit * 10}`;
    case 'since':
      return 'older entries were not looked at: --since';
    case 'beginning':
      return null;
  }
}

function storyLines(s: ChangeStory): string[] {
  const who = [s.user, s.job, s.program].filter((text) => text !== '').join(' ');
  const lines = [
    `  ${s.op} of ${s.table}  ${s.receiver}:${s.sequence} at ${s.entryAt}${who === '' ? '' : ` by ${who}`}`,
    `    ${fateLine(s)}`,
    ...s.rules.map((r) => `    rule ${r.rule}: ${r.says}`),
  ];
  if (s.fate.startsWith('filtered') && s.events.length > 0) {
    lines.push('    the configuration has changed since: today it would be sent');
  }
  if (s.next) lines.push(`    next: ${s.next}`);
  return lines;
}

function fateLine(s: ChangeStory): string {
  if (!isPublished(s)) return s.fate;
  if (isStored(s)) return 'published by some rules only';
  const missing = s.events.filter((e) => !e.stored).map((e) => `${e.type} ${e.id}`);
  if (missing.length === 0) return 'sent together with another change, or filtered by the configuration of today';
  return `published as ${missing.join(', ')}, which the state file no longer keeps (retention)`;
}
