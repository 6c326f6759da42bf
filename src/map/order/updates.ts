/**
 * Updates of one row within a short span as one event, from the first before image to the last after image, under
 * the position of the last.
 */
import type { Change } from '../../model/change';
import type { EventDraft } from '../../model/event';
import type { RuleOptions } from '../options';
import { kept, momentOf } from './change-copy';
import type { Held } from './held';
import type { ChangeMapper } from './rule-result';

interface HeldUpdatesParts {
  readonly rule: RuleOptions;
  /** `LIB/FILE`. */
  readonly table: string;
  /** Milliseconds. */
  readonly window: number;
  /** False: the images must not be written to disk. */
  readonly mayKeep: boolean;
}

export class HeldUpdates {
  constructor(private readonly parts: HeldUpdatesParts) {}

  /** @param event the change by itself, for its key. @param now milliseconds since 1970 */
  held(change: Change, event: EventDraft, turn: number, now: number): Held {
    const { rule, table, window, mayKeep } = this.parts;
    const last = kept(change);
    const { key } = event;
    return {
      slot: `${table}\n${rule.name}\n${key}`,
      no: 0,
      table,
      key,
      owner: table,
      rule: rule.name,
      destinations: rule.to,
      windowMs: window,
      since: now,
      startedMs: momentOf(change),
      last,
      before: last.before,
      count: 1,
      news: null,
      turn,
      keeps: mayKeep && change.mode === 'stream',
    };
  }

  /** The merged change as one event; a value that left and came back is reported by the last step. */
  static events(mapper: ChangeMapper, { last, before, count }: Held): readonly EventDraft[] {
    if (count > 1) {
      const whole = together(mapper, { ...last, before });
      if (whole.length > 0) return whole;
    }
    const alone = mapper.map(last);
    return alone.is === 'mapped' ? alone.events : [];
  }
}

/** None where a rule cannot take two images together, though each alone. */
function together(mapper: ChangeMapper, change: Change): readonly EventDraft[] {
  try {
    const merged = mapper.map(change);
    return merged.is === 'mapped' ? merged.events : [];
  } catch {
    return [];
  }
}
