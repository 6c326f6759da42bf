/** Which stored events are meant, for `replay`, `trace`, `sample` and `dlq`. */
import { parseName } from '../../model/position';

/** All given conditions must hold. */
export interface EventFilter {
  readonly id?: readonly string[] | undefined;
  readonly type?: string | undefined;
  /** `LIB/FILE`. */
  readonly table?: string | undefined;
  /** Row key or trace key. */
  readonly key?: string | undefined;
  /** Epoch milliseconds, inclusive; when the event was written down. */
  readonly since?: number | undefined;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number | undefined;
  /** `LIB/NAME`; with `fromSequence` and `toSequence`, both inclusive, a journal range. */
  readonly receiver?: string | undefined;
  readonly fromSequence?: bigint | undefined;
  readonly toSequence?: bigint | undefined;
}

/** `LIB/FILE` as stored, for a name in any case. */
export function normalName(text: string): string {
  const name = parseName(text);
  return name ? `${name.library}/${name.name}` : text;
}
