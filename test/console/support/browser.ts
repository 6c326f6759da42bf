/** Debian's Chromium, driven from outside: what a person sees and does, on the console of a real daemon. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

const ROOT = join(__dirname, '../../..');
export const CHROMIUM = '/usr/bin/chromium';

/** Needs of every suite of this room. */
export const NEEDS = {
  [CHROMIUM]: CHROMIUM,
  'playwright-core': join(ROOT, 'node_modules/playwright-core'),
  'axe-core': join(ROOT, 'node_modules/axe-core'),
  'the built console': join(ROOT, 'dist/console/index.html'),
};

export async function launch(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

interface Axe {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** A page of one person, who is signed in or not. Whatever the browser complains of is kept. */
export class Visitor implements AsyncDisposable {
  /** Violations of the policy, errors of scripts, failed requests of scripts. */
  readonly complaints: string[] = [];
  /** Requests that went to other hosts. */
  readonly foreign: string[] = [];

  private constructor(
    readonly page: Page,
    readonly url: string,
  ) {}

  static async open(
    browser: Browser,
    url: string,
    { locale = 'en-US', width = 1280, dark = false }: { locale?: string; width?: number; dark?: boolean } = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({
      locale,
      timezoneId: 'UTC',
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const visitor = new Visitor(page, url);
    page.on('console', (message) => {
      // an answer of 4xx is a matter of the page, which shows it
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        visitor.complaints.push(message.text());
    });
    page.on('pageerror', (error) => visitor.complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      visitor.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) visitor.foreign.push(request.url());
    });
    return visitor;
  }

  async signIn(token: string, path = '/'): Promise<void> {
    await this.page.goto(this.url + path);
    await this.page.getByLabel('Token').fill(token);
    await this.page.getByRole('button', { name: /^(Sign in|Anmelden)$/ }).click();
    await this.page.getByRole('navigation').waitFor();
  }

  /** An address of the console, by a link of its own kind: without asking the server for a page. */
  async visit(path: string): Promise<void> {
    await this.page.goto(this.url + path);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
    await this.settled();
  }

  /** Nothing is being loaded any more. */
  async settled(): Promise<void> {
    await this.page
      .getByText(/^(Loading|Lädt)…$/)
      .first()
      .waitFor({ state: 'hidden' });
  }

  text(): Promise<string> {
    return this.page.locator('main').innerText();
  }

  /** Everything axe has to say of the page as it stands. */
  async axe(): Promise<string[]> {
    // evaluated through the debugger, which the policy of the page does not bind
    await this.page.evaluate(AXE);
    const { violations } = (await this.page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as Axe;
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((n) => `${id}: ${n.html.slice(0, 200)} ${n.failureSummary.slice(0, 300)}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

const AXE = existsSync(NEEDS['axe-core']) ? readFileSync(join(NEEDS['axe-core'], 'axe.min.js'), 'utf8') : '';
