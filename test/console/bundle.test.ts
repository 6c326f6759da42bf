/** What a browser gets: small, whole, without anything inline or foreign; and how it is served. */
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ApiSite } from '../api/support/site';
import { describeWithJudge } from '../support/judges';
import { NEEDS } from './support/browser';

const FOLDER = join(__dirname, '../../dist/console');
const SCRIPT_BYTES = 150_000;

describeWithJudge('the bundle of the console', { built: NEEDS['the built console'] }, () => {
  const files = readdirSync(FOLDER);
  const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

  test(`scripts have less than ${SCRIPT_BYTES} bytes, as they are and not zipped`, () => {
    const scripts = files.filter((name) => name.endsWith('.js')).map((name) => readFileSync(join(FOLDER, name)));
    expect(scripts.length).toBeGreaterThan(1);
    const bytes = scripts.reduce((sum, s) => sum + s.length, 0);
    const zipped = scripts.reduce((sum, s) => sum + gzipSync(s).length, 0);
    expect(bytes).toBeLessThan(SCRIPT_BYTES);
    expect(zipped).toBeLessThan(SCRIPT_BYTES / 2);
  });

  test('the page has no script, style or handler of its own, and names no other host', () => {
    const page = text('index.html');
    expect(page.match(/<script[^>]*>[^<]|<style|\sstyle=|\son\w+=|javascript:/gi)).toBeNull();
    const named = files
      .filter((f) => /\.(html|css|js)$/.test(f))
      .flatMap((f) => text(f).match(/\b(?:https?:)?\/\/[\w-]+\.[\w.-]+/g) ?? []);
    // names of XML namespaces that the library makes elements by
    expect(named.filter((url) => !url.includes('www.w3.org'))).toEqual([]);
    expect(files.some((f) => text(f).includes('sourceMappingURL'))).toBe(false);
  });

  describe('served', () => {
    let site: ApiSite;
    beforeAll(async () => {
      site = await ApiSite.open();
    });
    afterAll(() => site[Symbol.asyncDispose]());

    test('the page is asked for again each time, its parts never again', async () => {
      const page = await fetch(`${site.url}/`);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      const policy = page.headers.get('content-security-policy')!;
      expect(policy).not.toMatch(/unsafe|\*|https?:|data:|blob:|nonce|sha256/);
      expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/);
      const known = { 'if-none-match': page.headers.get('etag')! };
      expect((await fetch(`${site.url}/events?key=1`, { headers: known })).status).toBe(304);
      const html = await page.text();
      for (const [, name] of html.matchAll(/(?:src|href)="(\/console\/[\w.-]+\.(?:js|css))"/g)) {
        const part = await fetch(`${site.url}${name}`);
        expect([part.status, part.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
        expect(part.headers.get('x-content-type-options')).toBe('nosniff');
      }
    });

    test('zipped for whoever takes it, the same bytes for whoever does not', async () => {
      const [plain, zipped] = await Promise.all([raw('identity'), raw('gzip')]);
      expect([plain.encoding, zipped.encoding]).toEqual([undefined, 'gzip']);
      expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
      expect(zipped.etag).toBe(plain.etag);
    });

    test.each([
      ['/console/../package.json', 404],
      ['/console/%2e%2e/package.json', 404],
      ['/console/nothing.js', 404],
      ['/nothing', 404],
      ['/dead-letters/17', 200],
      ['/tables/ORDLIB/ORDHDR', 200],
    ])('%s: %i', async (path, status) => {
      expect((await fetch(`${site.url}${path}`)).status).toBe(status);
    });

    test('nothing but GET and HEAD', async () => {
      expect((await fetch(`${site.url}/`, { method: 'POST' })).status).toBe(405);
      const head = await fetch(`${site.url}/`, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
    });

    function raw(encoding: string) {
      const name = files.find((f) => f.startsWith('main-') && f.endsWith('.js'))!;
      return new Promise<{ body: Buffer; encoding: string | undefined; etag: string | undefined }>(
        (resolve, reject) => {
          const asked = request(
            `${site.url}/console/${name}`,
            { headers: { 'accept-encoding': encoding } },
            (answer) => {
              const parts: Buffer[] = [];
              answer.on('data', (part: Buffer) => parts.push(part));
              answer.on('end', () => {
                const { 'content-encoding': used, etag } = answer.headers;
                resolve({ body: Buffer.concat(parts), encoding: used, etag });
              });
            },
          );
          asked.on('error', reject).end();
        },
      );
    }
  });
});
