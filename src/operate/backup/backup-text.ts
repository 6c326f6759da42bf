/** A copy of the state file as a person reads of it. */
import { lines as asLines, line } from '../../telemetry/visible';
import type { CopyReport, JournalInCopy, MadeCopy } from './backup';

const RECEIVERS = {
  present: 'its receivers are there',
  gone: 'RECEIVER GONE: POSITION_LOST',
  unknown: 'not asked',
} as const satisfies Record<JournalInCopy['receivers'], string>;

export function madeText({ state, file }: MadeCopy): string {
  return line(`${state} is copied to ${file}`);
}

export function copyText(r: CopyReport): string {
  const lines = [`${r.file}  ${r.whole ? 'whole' : 'DAMAGED: do not restore it'}, ${r.events} events`];
  for (const { journal, read, resume, receivers, behind } of r.journals) {
    const again = behind === null ? '' : `, ${behind} entries would be read again`;
    lines.push(`journal ${journal}  read up to ${read}, restart from ${resume}; ${RECEIVERS[receivers]}${again}`);
  }
  for (const d of r.destinations) {
    const repeats = d.repeats === null ? '' : `, about ${d.repeats} of what was settled since would be sent again`;
    lines.push(`destination ${d.destination}  ${d.pending} pending, ${d.deadLetters} dead letters${repeats}`);
  }
  if (r.notAsked !== null) lines.push(`the partition was not asked: ${r.notAsked}`);
  return asLines(lines);
}
