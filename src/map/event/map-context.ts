import type { JsonSink } from '../../record/write/json-sink';
import type { PartitionClock } from './clock';

/** What all rules of a mapper share. */
export interface MapContext {
  /** Name of the partition: part of every id. */
  readonly partition: string;
  readonly clock: PartitionClock;
  /** Version of this product, for envelopes that name their producer. */
  readonly product: string;
  readonly sink: JsonSink;
}
