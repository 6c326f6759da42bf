/** Every catalog view and table function of the simulated partition. */
import type { VirtualRelation } from '../compile/virtual';
import { SYSCONTROLS } from './access-views';
import { DISPLAY_JOURNAL } from './display-journal';
import { FILE_VIEWS } from './file-views';
import { JDBC_VIEWS } from './jdbc-rows';
import { JOURNAL_VIEWS } from './journal-views';
import { SYSTEM_VIEWS } from './system-views';

export const CATALOG_RELATIONS: readonly VirtualRelation[] = [
  ...SYSTEM_VIEWS,
  ...FILE_VIEWS,
  SYSCONTROLS,
  ...JOURNAL_VIEWS,
  ...JDBC_VIEWS,
  DISPLAY_JOURNAL,
];
