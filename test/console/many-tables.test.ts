/** Five hundred tables: the overview stays one that a person can use. */
import type { Browser } from 'playwright-core';
import { serveApi } from '../../src/api/api';
import { Desk } from '../support/desk';
import { describeWithJudge } from '../support/judges';
import { launch, NEEDS, Visitor } from './support/browser';

const TABLES = 500;

describeWithJudge('many tables in the console', NEEDS, () => {
  let browser: Browser;
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await desk?.[Symbol.asyncDispose]();
  });

  test(`${TABLES} tables: the one that needs someone first, any other found by its name`, async () => {
    const names = Array.from({ length: TABLES }, (_, i) => `T${String(i).padStart(4, '0')}`);
    for (const name of names) await desk.table(name);
    const rules = names.map((name) => `  ORDLIB/${name}: { event: t${name.slice(1)}, key: [ID], to: [out] }`);
    desk.write(`tables:\n${rules.join('\n')}\n`);
    const daemon = await desk.start({ api: serveApi });
    const url = `http://127.0.0.1:${daemon.httpPort}`;
    const { token } = await desk.json<{ token: string }>('token', 'create', '--name', 'v', '--role', 'viewer');
    await desk.cli('pause', '--table', 'ORDLIB/T0321');
    await using visitor = await Visitor.open(browser, url);
    await visitor.signIn(token);
    await visitor.page.getByText(`100 of ${TABLES} tables`).waitFor();
    const first = visitor.page.getByRole('region', { name: 'Tables' }).getByRole('row').nth(1);
    expect(await first.innerText()).toMatch(/T0321\s+paused/);
    await visitor.page.getByLabel('Find a table').fill('t0499');
    await visitor.page.getByText(`1 of ${TABLES} tables`).waitFor();
    await visitor.page.getByRole('link', { name: 'ORDLIB/T0499' }).click();
    await visitor.page.getByRole('heading', { name: 'Table ORDLIB/T0499' }).waitFor();
    await visitor.page.goBack();
    await visitor.page.getByText(`100 of ${TABLES} tables`).waitFor();
    expect(await visitor.axe()).toEqual([]);
    expect([visitor.complaints, visitor.foreign]).toEqual([[], []]);
  }, 300_000);
});
