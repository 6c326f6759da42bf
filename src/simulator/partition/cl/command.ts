import type { PartitionJob } from '../jobs/job';
import type { Partition } from '../partition';
import type { ClArguments } from './arguments';

export interface CommandContext {
  readonly partition: Partition;
  readonly job: PartitionJob;
}

export interface CommandDefinition {
  /** Keywords in positional order. */
  readonly order: readonly string[];
  /** Further keywords taken (and, where they do not matter here, ignored). */
  readonly keywords: readonly string[];
  run(context: CommandContext, args: ClArguments): void;
}
