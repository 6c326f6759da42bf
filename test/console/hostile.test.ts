/** Rows, keys, addresses and answers that would be markup if anything took them for it. */
import type { Browser } from 'playwright-core';
import { ApiSite } from '../api/support/site';
import { describeWithJudge } from '../support/judges';
import { launch, NEEDS, Visitor } from './support/browser';

const SCRIPT = '<script>alert(1)</script>';
const IMAGE = '<img src=x onerror=alert(2)>';

describeWithJudge('hostile rows in the console', NEEDS, () => {
  let browser: Browser;
  let site: ApiSite;
  beforeAll(async () => {
    // no mask, no thin payload: every text column of the row comes to the page
    site = await ApiSite.open();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });

  test('script in every text column, in the answer of a receiver, in addresses: shown as text, run by nobody', async () => {
    site.receiver.answer = (_got, response) =>
      response
        .writeHead(422, { 'content-type': 'text/html' })
        .end(`<body>${IMAGE}${SCRIPT}<iframe src="javascript:alert(3)">`);
    await site.desk.sql(
      `INSERT INTO ORDLIB.ORDHDR (ORDNO, CUSNO, STS, ORDDAT, DLVDAT, CURR, TOTAMT, CUSREF, REMARK, CHGUSR)
       VALUES (700001, 1, '<b', 1261129, 0, '<i>', 0, '<svg/onload=alert()>', '${IMAGE}${SCRIPT}', '<a href=x>')`,
    );
    const { id } = await site.event('700001', 'dead');
    await site.post('/v1/destinations/bare/pause', { why: `${IMAGE} ${SCRIPT}` });
    await using visitor = await Visitor.open(browser, site.url);
    const { page } = visitor;
    await visitor.signIn(site.tokens.operator);
    const texts: string[] = [];
    for (const path of [
      '/',
      `/events/${id}`,
      `/events?key=${encodeURIComponent(SCRIPT)}`,
      `/events/${encodeURIComponent(SCRIPT)}`,
      `/tables/${encodeURIComponent(IMAGE)}/X`,
      '/dead-letters',
      '/dead-letters/1',
      '/destinations/crm',
      '/audit-log',
    ]) {
      await page.goto(site.url + path);
      await page.locator('main').waitFor();
      await visitor.settled();
      if (path === `/events/${id}`) {
        await page.getByRole('button', { name: 'Show the image' }).click();
        await page.getByRole('button', { name: 'Show the body' }).click();
        await page.getByText('"specversion"').waitFor();
        await page.getByRole('columnheader', { name: 'Bytes after' }).waitFor();
      }
      for (const summary of await page.locator('main details:not(.chart details) summary').all()) await summary.click();
      texts.push(await visitor.text());
      const made = await page.evaluate(
        "document.querySelectorAll('main script, main img, main iframe, main svg, main b, main i, [onerror], [onload], a[href^=javascript]').length",
      );
      expect([path, made]).toEqual([path, 0]);
    }
    // it was there to be run
    const all = texts.join('\n');
    expect(all).toContain(`"${IMAGE}${SCRIPT}"`);
    expect(all).toContain('<iframe src="javascript:alert(3)">');
    expect(all).toContain('<a href=x>');
    expect([visitor.complaints, visitor.foreign]).toEqual([[], []]);
  }, 180_000);
});
