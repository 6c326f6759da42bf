/** Each page, for each role, in both languages, on a desk and on a phone: nothing for axe to say, nothing for the policy to stop. */
import type { Browser } from 'playwright-core';
import type { Role } from '../../src/operators/role';
import { ApiSite } from '../api/support/site';
import { describeWithJudge } from '../support/judges';
import { launch, NEEDS, Visitor } from './support/browser';

describeWithJudge('pages of the console', NEEDS, () => {
  let browser: Browser;
  let site: ApiSite;
  let paths: readonly (readonly [path: string, says: RegExp])[];

  beforeAll(async () => {
    site = await ApiSite.open();
    browser = await launch();
    site.receiver.answer = (_got, response) => response.writeHead(422).end('{"why":"no"}');
    await site.order(700001);
    const { id } = await site.event('700001', 'dead');
    site.receiver.answer = (_got, response) => response.writeHead(204).end();
    await site.order(700002);
    await site.event('700002', 'delivered');
    await site.post('/v1/backfills', { table: 'ORDLIB/ODD' });
    await site.post('/v1/destinations/bare/pause', { why: 'for the pictures' });
    const [letter] = (await site.get('/v1/dead-letters')).json.items;
    paths = [
      ['/', /Is anything wrong\?\s+1 degraded\s+1 to look at/],
      ['/journals/ORDLIB/ORDJRN', /ORDLIB\/ORDRCV0001 we are here/],
      ['/tables/ORDLIB/ORDHDR', /History of the record format/],
      ['/destinations/crm', /What was sent and answered[\s\S]*422/],
      ['/events', /order\.created[\s\S]*700002/],
      [`/events/${id}`, /Record image[\s\S]*crm dead letter/],
      ['/dead-letters', /http-422[\s\S]*700001/],
      [`/dead-letters/${letter.no}`, /Dead letter 1[\s\S]*http-422/],
      ['/tail', /arrived/],
      ['/jobs', /Backfills[\s\S]*ORDLIB\/ODD/],
      ['/playground?table=ORDLIB%2FORDHDR', /Mapping playground/],
      ['/audit-log', /destination\.pause/],
      ['/events/none', /API_EVENT/],
      ['/tables/NO/SUCH', /TABLE_UNKNOWN/],
      ['/jobs/1/2', /Backfills/],
    ];
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });

  /** @returns what is wrong with each page */
  async function walked(role: Role, options: Parameters<typeof Visitor.open>[2], says: boolean): Promise<string[]> {
    await using visitor = await Visitor.open(browser, site.url, options);
    await visitor.signIn(site.tokens[role]);
    const wrong: string[] = [];
    for (const [path, expected] of paths) {
      await visitor.page.goto(visitor.url + path);
      await visitor.page.locator('main').waitFor();
      await visitor.settled();
      if (says)
        await visitor.page
          .locator('main')
          .filter({ hasText: spaced(expected) })
          .waitFor();
      const beyond = await visitor.page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      if (Number(beyond) > 0) wrong.push(`${path}: ${beyond} px wider than the window`);
      for (const violation of await visitor.axe()) wrong.push(`${path}: ${violation}`);
    }
    return [...wrong, ...visitor.complaints, ...visitor.foreign];
  }

  test.each([
    ['viewer', { width: 1280 }, true],
    ['operator', { width: 360, dark: true }, true],
    ['admin', { width: 1280, dark: true }, true],
    ['operator', { width: 360, locale: 'de-DE' }, false],
  ] as const)(
    '%s, %o',
    async (role, options, says) => {
      expect(await walked(role, options, says)).toEqual([]);
    },
    240_000,
  );

  test('what is degraded is on top: since when, and the next step', async () => {
    await using visitor = await Visitor.open(browser, site.url);
    await visitor.signIn(site.tokens.viewer);
    await visitor.settled();
    const items = await visitor.page.locator('.troubles > li').allInnerTexts();
    expect(items).toEqual([
      expect.stringMatching(
        /^degraded Destination bare \d+ (?:s|min) ago[\s\S]*for the pictures[\s\S]*Next: ibmi-cdc resume --destination bare/,
      ),
      expect.stringMatching(/^look Destination crm[\s\S]*1 dead letters[\s\S]*Next: mend the cause/),
    ]);
  });

  test('the other language is one press away, and stays', async () => {
    await using visitor = await Visitor.open(browser, site.url);
    await visitor.signIn(site.tokens.viewer);
    await visitor.page.getByRole('button', { name: 'Deutsch' }).click();
    await visitor.page.getByRole('heading', { name: 'Stimmt etwas nicht?' }).waitFor();
    expect(await visitor.page.locator('html').getAttribute('lang')).toBe('de');
    await visitor.page.reload();
    await visitor.page.getByRole('heading', { name: 'Übersicht' }).waitFor();
    await visitor.page.getByRole('button', { name: 'English' }).click();
    await visitor.page.getByRole('heading', { name: 'Is anything wrong?' }).waitFor();
  });

  test('by the keyboard alone: past the navigation, to a filter, to an event; the title is read out first', async () => {
    await using visitor = await Visitor.open(browser, site.url);
    const { page } = visitor;
    await visitor.signIn(site.tokens.viewer, '/events');
    await visitor.settled();
    await page.locator('body').press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('700002');
    await page.keyboard.press('Enter');
    await page.waitForURL(/key=700002/);
    await visitor.settled();
    await page.getByRole('link', { name: 'order.created' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'order.created 700002' }).waitFor();
  });

  test('a role sees what it may do, and no more', async () => {
    const seen: Record<string, string[]> = {};
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      await using visitor = await Visitor.open(browser, site.url);
      await visitor.signIn(site.tokens[role]);
      await visitor.visit('/destinations/crm');
      const buttons = await visitor.page.locator('main').getByRole('button').allInnerTexts();
      const secrets = await visitor.page.getByRole('heading', { name: 'Ages of its secrets' }).count();
      seen[role] = [...buttons, ...(secrets > 0 ? ['secrets'] : [])];
      expect(await visitor.text()).not.toContain('a-secret-that-nobody-sees');
    }
    expect(seen).toEqual({
      viewer: [],
      operator: ['Pause the destination', 'Send a test event'],
      admin: ['Pause the destination', 'Send a test event', 'secrets'],
    });
  });

  test('a token that is revoked ends the session at the next look', async () => {
    const made = (await site.post('/v1/tokens', { name: 'short', role: 'viewer' }, site.tokens.admin)).json;
    await using visitor = await Visitor.open(browser, site.url);
    await visitor.signIn(made.token);
    await site.ask('DELETE', '/v1/tokens/short', { token: site.tokens.admin });
    // the overview looks again by itself
    await visitor.page.getByLabel('Token').waitFor({ timeout: 60_000 });
  });
});

/** Texts of a page come with blanks and line ends where its boxes end. */
function spaced(expected: RegExp): RegExp {
  return new RegExp(expected.source.replaceAll(' ', '\\s*').replaceAll('\\s+', '\\s*'), expected.flags);
}
