/** Record formats that a daemon has learned, out of its state file. */
import type { Config } from '../../config/config';
import { formatName, ordinaryTable } from '../../model/position';
import { FormatHistory } from '../../record/layout/format-history';
import { stateThere } from '../../store/look';
import { openStateFile } from '../state-file';
import type { TableShapes } from './table-shapes';

/** The newest format of each table. The state file does not know the catalog's key: a mapping without `key` has none here. */
export function formatsOfState(config: Config): TableShapes {
  if (!stateThere(config.state)) return () => null;
  return (table) => {
    using state = openStateFile(config);
    // only the newest one is asked for, so that no two positions are ever compared
    const ranges = new FormatHistory(state.store, () => 0).ranges(formatName(ordinaryTable(table)));
    const newest = ranges.at(-1);
    return newest ? { format: newest.format, key: [] } : null;
  };
}
