/** Why something cannot go on, each with the next step. */
import { CodedError } from '../../errors/coded-error';
import { gapMending, gapText } from '../../journal/position/gap-advice';
import type { TableGap } from '../../journal/position/gap-table';

export function notPaused(table: string): CodedError {
  return new CodedError({
    code: 'TABLE_NOT_PAUSED',
    message: `${table} is not paused`,
    next: '`ibmi-cdc resume` lists the tables that are',
  });
}

export function onlyGap(gap: TableGap): CodedError {
  return new CodedError({
    code: 'TABLE_NOT_PAUSED',
    message: `${gap.table} is not paused; ${gapText(gap)}`,
    next: `${gapMending(gap).join('; then ')}; or, if nothing is missing: ibmi-cdc resume --table ${gap.table} --accept-gap`,
  });
}

export function noPosition(destination: string): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: `${destination} is no destination with kafka.exactlyOnce: it keeps no position`,
    next: 'leave --position out',
  });
}

export function notDisabled(destination: string): CodedError {
  return new CodedError({
    code: 'DESTINATION_NOT_DISABLED',
    message: `${destination} is not disabled`,
    next: '`ibmi-cdc resume` lists the destinations that are',
  });
}

export function stillConfigured(destination: string, file: string): CodedError {
  return new CodedError({
    code: 'RESUME_CONFIGURED',
    message: `${destination} is still a destination of ${file}; expected one that is no longer configured`,
    next: `take it out of destinations: and of every to:, restart the daemon, then: ibmi-cdc resume --destination ${destination} --drop`,
  });
}
