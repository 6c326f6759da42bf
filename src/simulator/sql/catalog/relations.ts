/** Every catalog view and table function of the simulated partition. */
import type { VirtualRelation } from '../virtual';
import { relation } from './relation';

const SYSDUMMY1 = relation('SYSIBM', 'SYSDUMMY1', 'IBMREQD CHAR(1) NOT NULL', () => [{ IBMREQD: 'Y' }]);

export const CATALOG_RELATIONS: readonly VirtualRelation[] = [SYSDUMMY1];
