import type { Procedure } from '../procedures';

export const METADATA_PROCEDURES: readonly Procedure[] = [];
