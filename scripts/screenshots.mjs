// @ts-check
// Makes the pictures of docs/console.md: a simulated partition with traffic, the daemon on it, its console in Debian's Chromium.
// Run: npm run screenshots
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const CLI = resolve('dist/cli/main.js');
const OUT = resolve('docs/console');
const dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-screenshots-'));
const children = [];
/** What the configuration of `init` signs with. */
const env = {
  ...process.env,
  CRM_WEBHOOK_SECRET: `whsec_${Buffer.from('a secret for pictures alone').toString('base64')}`,
};

try {
  await main();
} finally {
  for (const child of children.reverse()) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}

async function main() {
  const receiver = await flakyReceiver();
  const ready = await firstLine(cli('simulate', '--any-ports', '--traffic', '4'));
  writeFileSync(join(dir, 'simulated.json'), ready);
  must('init', '--from-simulate', 'simulated.json', '--to', receiver.url);
  const file = join(dir, 'ibmi-cdc.yaml');
  const yaml = readFileSync(file, 'utf8');
  writeFileSync(file, `${yaml.replace(/^http:.*$/m, '')}\nhttp: { port: 0 }\n`);
  const port = await says(cli('run'), /"port":(\d+)[^\n]*listening for/);
  const { token } = JSON.parse(must('token', 'create', '--name', 'ops', '--role', 'admin', '--json'));
  await sleep(62_000);
  receiver.refuse = true;
  await sleep(8_000);
  await pictures(`http://localhost:${port}`, token);
  receiver.server.close();
}

async function pictures(url, token) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, locale: 'en-GB', colorScheme: 'light' });
  await page.goto(url);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const picture = async (path, name, act = async () => {}) => {
    await page.goto(url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await act();
    await sleep(1_500);
    await page.screenshot({ path: join(OUT, `${name}.png`) });
  };
  mkdirSync(OUT, { recursive: true });
  await picture('/', 'overview');
  await page.goto(`${url}/events`);
  const update = page.getByRole('link', { name: /updated$/ }).first();
  const event = await update.getAttribute('href');
  await picture(event, 'event', async () => {
    await page.getByRole('button', { name: 'Show the image' }).click();
    await page.getByRole('columnheader', { name: 'Bytes after' }).waitFor();
  });
  const journal = (await (await page.request.get(`${url}/v1/journals`)).json()).items[0].journal;
  await picture(`/journals/${journal}`, 'journal');
  const table = (await (await page.request.get(`${url}/v1/tables`)).json()).items[0].file;
  await picture(`/playground?table=${table}`, 'playground', async () => {
    await page.locator('select').nth(1).selectOption({ index: 1 });
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByRole('status').first().waitFor();
  });
  await browser.close();
}

/** Accepts until it is told to refuse, each order for good. */
async function flakyReceiver() {
  const made = { url: '', refuse: false, server: createServer() };
  made.server.on('request', (request, response) => {
    request.resume();
    const refused = '{"error":"customer 4711 is blocked"}';
    request.on('end', () => response.writeHead(made.refuse ? 422 : 204).end(made.refuse ? refused : undefined));
  });
  await new Promise((done) => made.server.listen(0, '127.0.0.1', () => done(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (made.server.address());
  made.url = `http://127.0.0.1:${port}/hooks`;
  return made;
}

function cli(...args) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

function must(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: dir, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${status} ${stderr}`);
  return stdout;
}

function firstLine(child) {
  return says(child, /^(\{.*\})$/m, 'stdout');
}

/** Until a child has said it. @returns the first group */
function says(child, pattern, stream = 'stderr') {
  return new Promise((resolve, reject) => {
    let text = '';
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${text.slice(-2_000)}`)));
    child[stream].on('data', (part) => {
      text += part;
      const found = pattern.exec(text);
      if (found) resolve(found[1]);
    });
    child[stream === 'stderr' ? 'stdout' : 'stderr'].resume();
  });
}

function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
