/** What an operator does in the console, on a daemon that does it. */
import type { Browser, Page } from 'playwright-core';
import { ApiSite } from '../api/support/site';
import { describeWithJudge } from '../support/judges';
import { launch, NEEDS, Visitor } from './support/browser';

const LETTERS = 10_000;

describeWithJudge('actions of the console', NEEDS, () => {
  let browser: Browser;
  let site: ApiSite;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    site = await ApiSite.open();
    browser = await launch();
    visitor = await Visitor.open(browser, site.url);
    ({ page } = visitor);
    await visitor.signIn(site.tokens.operator);
  }, 120_000);
  afterEach(() => expect(visitor.complaints).toEqual([]));
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });

  const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click();
  const inDialog = (name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const logged = async (what: string) => (await site.get(`/v1/audit-log?what=${what}`)).json.items;

  test('a destination: paused after a question, resumed, tested', async () => {
    await visitor.visit('/destinations/crm');
    await press('Pause the destination');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await press('Pause the destination');
    expect(await visitor.axe()).toEqual([]);
    await inDialog('Pause the destination');
    await page.getByText('disabled', { exact: true }).waitFor();
    expect((await site.get('/v1/destinations/crm')).json.disabled.why).toContain('operator');
    await press('Resume');
    await page.getByText('accepts', { exact: true }).waitFor();
    await press('Send a test event');
    await page.getByText('accepted', { exact: true }).waitFor();
    expect(
      (await logged('destination')).map((a: { what: string; via: string; who: string }) => [a.what, a.via, a.who]),
    ).toEqual([
      ['destination.test', 'console', 'operator'],
      ['destination.resume', 'console', 'operator'],
      ['destination.pause', 'console', 'operator'],
    ]);
  });

  test('a table: paused, what waits is shown, resumed', async () => {
    await visitor.visit('/tables/ORDLIB/ORDHDR');
    await press('Pause the table');
    await inDialog('Pause the table');
    await page.getByText('paused', { exact: true }).waitFor();
    await site.order(700001);
    await site.event('700001', 'held');
    await visitor.visit('/');
    await page.getByText(/paused \(.*\), \d deliveries are kept/).waitFor();
    await visitor.visit('/tables/ORDLIB/ORDHDR');
    await press('Resume');
    await page.getByText('captured', { exact: true }).waitFor();
    await site.event('700001', 'delivered');
  });

  test('a backfill: rows counted, begun, seen to its end', async () => {
    await visitor.visit('/jobs');
    await page.getByLabel('Table').fill('ORDLIB/ORDHDR');
    await page.getByLabel('Further SQL condition').fill('ORDNO = 700001');
    await press('Count the rows');
    await page.getByRole('dialog').getByText('Publish 1 rows?').waitFor();
    await inDialog('Begin');
    await page.getByRole('row', { name: /ORDLIB\/ORDHDR done/ }).waitFor();
    expect(await visitor.axe()).toEqual([]);
  });

  test('a mapping is edited and tried on an entry: the events of the edited text, masks as configured', async () => {
    await site.order(700005);
    await site.event('700005', 'delivered');
    await visitor.visit('/playground?table=ORDLIB%2FORDHDR');
    const text = page.getByLabel('Mapping, YAML');
    await expect(text.inputValue()).resolves.toContain('ORDNO: orderNumber');
    await text.fill('event: sale\nkey: [ORDNO]\ncolumns: { CUSREF: ref, STS: state }\nwhen: "STS = = 1"\nto: [crm]\n');
    await page.getByLabel('Journal entry').selectOption({ index: 1 });
    await press('Try it');
    await page.getByText('API_MAPPING').waitFor();
    await text.fill("event: sale\nkey: [ORDNO]\ncolumns: { CUSREF: ref, STS: state }\nwhen: STS = '10'\nto: [crm]\n");
    await press('Try it');
    await page.getByText(/"type": "sale\.(created|read)"/).waitFor();
    const shown = await visitor.text();
    expect(shown).toContain('"state": "10"');
    expect(shown).not.toContain('SECRETREF');
    expect(await visitor.axe()).toEqual([]);
    await page.getByLabel('a record image in hex').check();
    await page.getByLabel('Record image, hex').fill('F1');
    await press('Try it');
    await page.getByText(/LAYOUT_/).waitFor();
  });

  test('the live tail shows what is written, stands still at a click, and goes on with all that came', async () => {
    await visitor.visit('/tail?table=ORDLIB%2FORDHDR');
    await site.order(700010);
    await page.getByText('700010').waitFor();
    await page.getByText('700010').click();
    await page.getByText('frozen', { exact: true }).waitFor();
    await site.order(700011);
    await page.getByText('2 arrived').waitFor();
    expect(await page.getByText('700011').count()).toBe(0);
    await press('Go on');
    await page.getByText('700011').waitFor();
  });

  test(`${LETTERS} dead letters: filtered, counted, confirmed, queued again, each delivered`, async () => {
    site.receiver.answer = (_got, response) => response.writeHead(422).end();
    const rows = Array.from({ length: 100 }, (_, i) => i);
    for (let at = 0; at < LETTERS; at += rows.length) {
      const values = rows.map((i) => `(${800_000 + at + i}, 1, '10', 1261129, 0, 'EUR', 0, 'R', '')`).join(', ');
      await site.desk.sql(
        `INSERT INTO ORDLIB.ORDHDR (ORDNO, CUSNO, STS, ORDDAT, DLVDAT, CURR, TOTAMT, CUSREF, REMARK) VALUES ${values}`,
      );
    }
    const dead = async () => (await site.get('/v1/destinations/crm')).json.deadLetters;
    for (const end = Date.now() + 200_000; (await dead()) < LETTERS && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 500));
    const delivered = new Set<string>();
    site.receiver.answer = (got, response) => {
      delivered.add(got.json.subject);
      response.writeHead(204).end();
    };
    const opened = performance.now();
    await visitor.visit('/dead-letters?destination=crm&reason=http-422');
    expect(performance.now() - opened).toBeLessThan(10_000);
    expect(await page.getByRole('row').count()).toBe(101);
    await press('Show more');
    await press('Retry all that match');
    await page.getByRole('dialog').getByText('Retry 10,000 dead letters?').waitFor();
    await inDialog('Retry');
    await page.getByText('10,000 queued again').waitFor({ timeout: 120_000 });
    await page.getByText('No dead letter matches.').waitFor();
    const [action] = await logged('dead-letters.retry');
    expect(action).toMatchObject({ via: 'console', result: 'done', facts: { queued: LETTERS } });
    for (const end = Date.now() + 200_000; delivered.size < LETTERS && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 500));
    expect(delivered.size).toBe(LETTERS);
  }, 600_000);

  test('one dead letter is dropped after a question', async () => {
    site.receiver.answer = (_got, response) => response.writeHead(422).end('{"why":"no such customer"}');
    await site.order(700020);
    await site.event('700020', 'dead');
    await visitor.visit('/dead-letters');
    await page
      .getByRole('row', { name: /700020/ })
      .getByRole('link')
      .first()
      .click();
    await page.getByText('http-422').waitFor();
    await press('Drop');
    await inDialog('Drop');
    await page.getByText('No dead letter matches.').waitFor();
    expect((await site.get('/v1/dead-letters')).json.items).toEqual([]);
  });
});
