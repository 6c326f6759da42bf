/** Facts of a daemon that has nothing to complain of. */
import type { AlertFacts } from '../../../src/alerts/conditions';

export function nothingWrong(now: number): AlertFacts {
  return {
    now,
    journals: [{ journal: 'ORDLIB/ORDJRN', stillMs: 100, trouble: null, hoursToLoss: null }],
    windows: [{ table: 'ORDLIB/PRICES', overdueMs: 0, trouble: null }],
    destinations: [
      {
        destination: 'crm',
        ...{ failing: null, denied: null, disabled: null, schedule: 75 * 3_600_000 },
        ...{ lagMs: 40, maxLag: 60_000, deadLetters: 0 },
      },
    ],
    tables: [{ table: 'ORDLIB/ORDHDR', paused: null, gap: null, lagMs: 40, maxLag: null }],
    happened: [],
    diskFullSince: null,
    credentials: [],
    password: { user: 'CDC', days: 60 },
    certificates: [{ host: 'crm.example.com:443', validTo: now + 80 * 86_400_000 }],
    differences: [{ table: 'ORDLIB/ORDHDR', rows: 0 }],
    rates: [],
  };
}
