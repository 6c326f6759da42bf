/** Journals whose entries wait, or wait too long: what `/healthz` and `/readyz` say beside their colour. */

import type { JournalCapture } from '../capture/capture';
import { counted } from '../model/counted';
import { formatName } from '../model/position';
import type { HealthWarning } from './http-server';

/** Less than this until data is lost is worth a warning. */
const DANGER_HOURS = 24;

/** @param now milliseconds since 1970 */
export function standingWarnings(captures: readonly JournalCapture[], now: number): HealthWarning[] {
  return captures.flatMap((capture) => {
    const outlook = capture.outlook();
    if (outlook === null) return [];
    const { behind, seenAt } = outlook;
    const hours = hoursToLoss(capture, now);
    const danger = hours !== null && hours < DANGER_HOURS;
    if (!danger && (capture.reading || behind === 0n)) return [];
    const far = behind === null ? 'the receiver it stands in is gone' : `${counted(behind, 'entry', 'entries')} behind`;
    const loss = hours === null ? '' : `, data loss in ${hours.toFixed(1)} h`;
    const why = capture.reading ? '' : `not reading: ${capture.state().trouble ?? 'connecting'}; `;
    const age = Math.max(0, Math.round((now - seenAt) / 1000));
    return [{ name: `journal ${formatName(capture.journal)}`, detail: `${why}${far}${loss}, seen ${age} s ago` }];
  });
}

/** As last forecast, less the time that has passed since where nothing is read; null when nothing is in danger. */
export function hoursToLoss(capture: JournalCapture, now: number): number | null {
  const outlook = capture.outlook();
  if (outlook === null || outlook.hoursToLoss === null) return null;
  const passed = capture.reading ? 0 : Math.max(0, now - outlook.seenAt) / 3_600_000;
  return Math.max(0, outlook.hoursToLoss - passed);
}
