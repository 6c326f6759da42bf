/**
 * Model-based, for real: IBM's driver plays random histories on a simulated partition in a process of its own, the daemon
 * reads them over TLS and is killed with SIGKILL at random moments, and a receiver holds what it was told against the
 * oracle. HISTORIES and SEED widen the search; `scripts/histories.mjs --through jtopen` runs hundreds.
 */
import { judgeNeeds } from '../judge/jtopen';
import { describeWithJudge } from '../support/judges';
import { type CampaignReport, runCampaign } from './campaign';
import { report } from './report';
import { HistorySite, JTOPEN } from './site';

const HISTORIES = Number(process.env['HISTORIES'] ?? 24);
const SEED = Number(process.env['SEED'] ?? 1);
/** Histories that share one daemon. */
const TOGETHER = Number(process.env['TOGETHER'] ?? 12);

const seeds = Array.from({ length: HISTORIES }, (_, i) => SEED + i);
const campaigns = Array.from({ length: Math.ceil(HISTORIES / TOGETHER) }, (_, i) =>
  seeds.slice(i * TOGETHER, (i + 1) * TOGETHER),
);

describeWithJudge('histories through JTOpen', judgeNeeds(JTOPEN), () => {
  let site: HistorySite;

  beforeAll(async () => {
    site = await HistorySite.open();
  });

  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
  });

  describe.each(campaigns.map((list) => ({ list, first: list[0]!, last: list.at(-1)! })))(
    'seeds $first to $last',
    ({ list }) => {
      const again = `node scripts/histories.mjs --through jtopen --seed ${list[0]} --count ${list.length}`;
      let told: CampaignReport | null = null;

      test('are told to their end, nothing before its commit, forged, or twice with another content', async () => {
        told = await runCampaign(site, list);
        report(told.counts);
        const { trouble, kept, early, altered, forged } = told;
        expect({ again, kept, trouble, early, altered, forged }).toEqual({
          again,
          kept: null,
          trouble: null,
          early: [],
          altered: [],
          forged: [],
        });
      }, 600_000);

      test.each(list)('history %d', (seed) => {
        const verdict = told?.verdicts.get(seed);
        expect({ again, ...verdict?.told }).toEqual({ again, ...verdict?.committed });
        expect(verdict).toBeDefined();
      });
    },
  );
});
