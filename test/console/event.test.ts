/** From the sign-in to one event's whole life, as a viewer walks through it. */
import type { Browser } from 'playwright-core';
import { ApiSite } from '../api/support/site';
import { describeWithJudge } from '../support/judges';
import { launch, NEEDS, Visitor } from './support/browser';

describeWithJudge('console: an event', NEEDS, () => {
  let browser: Browser;
  let site: ApiSite;
  beforeAll(async () => {
    site = await ApiSite.open();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });

  test('who is not signed in sees a sign-in and nothing else', async () => {
    await using visitor = await Visitor.open(browser, site.url);
    await visitor.page.goto(`${site.url}/events`);
    await visitor.page.getByLabel('Token').fill('not a token');
    await visitor.page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.page.getByRole('alert').waitFor();
    expect(await visitor.text()).toContain('API_TOKEN');
    expect(await visitor.page.getByRole('navigation').count()).toBe(0);
    expect(await visitor.axe()).toEqual([]);
    await visitor.signIn(site.tokens.viewer, '/events');
    expect(new URL(visitor.page.url()).pathname).toBe('/events');
    await visitor.page.getByRole('button', { name: 'Sign out' }).click();
    await visitor.page.getByLabel('Token').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  test('a viewer follows an event from the overview to its bytes', async () => {
    await site.order(700001);
    await site.event('700001', 'delivered');
    await site.desk.sql("UPDATE ORDLIB.ORDHDR SET STS = '20' WHERE ORDNO = 700001");
    await site.until(async () => (await site.get('/v1/events?key=700001&type=order.updated')).json.items.length > 0);
    await using visitor = await Visitor.open(browser, site.url);
    const { page } = visitor;
    await visitor.signIn(site.tokens.viewer);
    await visitor.settled();
    expect(await visitor.text()).toMatch(/Is anything wrong\?\s+No, nothing is wrong/);
    expect(await visitor.axe()).toEqual([]);
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByLabel('Key').fill('700001');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(`${site.url}/events?key=700001`);
    await page.getByRole('link', { name: 'order.updated' }).click();
    await page.getByRole('button', { name: 'Show the image' }).click();
    const status = page.getByRole('row', { name: /\bSTS\b/ });
    await status.waitFor();
    expect(await status.innerText()).toMatch(/F1 F0\s+"10"\s+F2 F0\s+"20"\s+changed/);
    // masked by the rule; left out by it
    expect(await page.getByRole('row', { name: /\bCUSREF\b/ }).innerText()).toContain('masked');
    expect(await page.getByRole('row', { name: /\bTOTAMT\b/ }).innerText()).toContain('not in the event');
    await page.getByRole('button', { name: 'Show the body' }).click();
    await page.getByText('"specversion": "1.0"').waitFor();
    await page.getByRole('button', { name: 'Ask the journal' }).click();
    await page.getByText('makes order.updated for crm, out').waitFor();
    expect(await visitor.text()).not.toContain('SECRETREF');
    expect(await visitor.axe()).toEqual([]);
    const { json } = await site.get('/v1/audit-log?what=payload.view');
    expect(json.items.map((i: { scope: object }) => i.scope)).toEqual([
      { id: expect.any(String) },
      { id: expect.any(String), image: true },
    ]);
    expect([visitor.complaints, visitor.foreign]).toEqual([[], []]);
  });
});
