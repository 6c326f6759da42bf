/**
 * A row leaves one key for another: one update under the new key, or the end of the old key and the beginning of the new
 * one. Either way the order of both keys holds, and a topic that keeps the last record of each key keeps none of the old one.
 */
import type { Change } from '../../model/change';
import { type EventDraft, TOMBSTONE_TYPE } from '../../model/event';
import type { EventIdMaker } from '../event/event-id';
import { digitsOf } from '../event/meta';
import type { FormerKey } from '../event/row-keys';
import type { RuleOptions } from '../options';
import { headerOf } from './change-copy';
import type { RuleResult } from './rule-result';

/** How the rule reports a change that no filter of its header stops. */
interface KeyChangeMapping {
  /** @param ids of the ordinary event; null leaves it out */
  row(change: Change, flags: Uint8Array | null, ids: EventIdMaker | 'ordinary' | null): RuleResult;
  /** True for an update of which `whenChanged` has nothing to report. */
  unchanged(flags: Uint8Array): boolean;
}

/** JSON of nothing: destinations that have no use for it never see it. */
const NOTHING = Buffer.from('null');

export class KeyChanges {
  private readonly gone: EventIdMaker;
  private readonly come: EventIdMaker;
  private readonly ended: EventIdMaker;

  /** @param idsOf ids of a part of the rule */
  constructor(
    private readonly rule: RuleOptions,
    idsOf: (part: string) => EventIdMaker,
    private readonly mapping: KeyChangeMapping,
  ) {
    this.gone = idsOf('key-change/deleted');
    this.come = idsOf('key-change/created');
    this.ended = idsOf('key-change/ended');
  }

  /** @param change an update with both images. @param flags 1 for each column that differs */
  map(change: Change, flags: Uint8Array, former: FormerKey): RuleResult {
    if (this.rule.keyChange === 'deleteAndCreate') return this.split(change, flags, former);
    if (this.mapping.unchanged(flags)) return { is: 'filtered', by: 'whenChanged' };
    const mapped = this.mapping.row(change, flags, 'ordinary');
    if (mapped.is !== 'mapped') return mapped;
    const ends = former.moves && this.rule.tombstones.length > 0 && change.position !== null;
    const events = ends ? [...mapped.events, this.tombstone(mapped.events[0]!, former)] : mapped.events;
    return { ...mapped, events, formerKey: former.key };
  }

  /** Filters judge either row by itself: a row that enters or leaves what a rule wants is only created or only deleted. */
  private split(change: Change, flags: Uint8Array, former: FormerKey): RuleResult {
    const header = headerOf(change);
    const steps = this.rule.transitions.length > 0 ? this.mapping.row(change, flags, null) : null;
    const parts = [
      this.mapping.row({ ...header, op: 'delete', before: change.before }, null, this.gone),
      this.mapping.row({ ...header, op: 'insert', after: change.after }, null, this.come),
      ...(steps ? [steps] : []),
    ];
    const refused = parts.find((p) => p.is === 'refused');
    if (refused) return refused;
    const mapped = parts.filter((p) => p.is === 'mapped');
    if (mapped.length === 0) return parts[1]!;
    const events = mapped.flatMap((p) => p.events);
    return { is: 'mapped', events, news: [], errors: mapped.at(-1)!.errors, steps: true, formerKey: former.key };
  }

  /** Nothing but the end of the former key, in its lane behind everything that was sent of it. */
  private tombstone(event: EventDraft, { key, traceKey }: FormerKey): EventDraft {
    const { type, version, table, rule, time, journal, position, priority } = event;
    return {
      id: this.ended.ofEntry(journal!, position!.receiver, digitsOf(position!.sequence)),
      type,
      version,
      table,
      rule,
      key,
      traceKey,
      destinations: this.rule.tombstones,
      priority,
      body: NOTHING,
      attemptOffset: -1,
      contentType: TOMBSTONE_TYPE,
      time,
      journal,
      position,
      tombstone: true,
      recordUrl: null,
      decodeErrors: 0,
    };
  }
}
