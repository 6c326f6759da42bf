/** The one table of texts: whole in both languages, and nothing in it that no page says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORDS } from '../../src/console/words/words';

const FOLDER = join(__dirname, '../../src/console');
const sources = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/words\.ts$/.test(name))
  .map((name) => readFileSync(join(FOLDER, name), 'utf8'))
  .join('\n');

test('every text stands in both languages with the same places for values', () => {
  const all = Object.entries(WORDS);
  expect(all.length).toBeGreaterThan(200);
  const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  expect(all.filter(([, texts]) => texts.length !== 2 || texts.some((text) => text.trim() === ''))).toEqual([]);
  expect(all.filter(([, [en, de]]) => places(en).join() !== places(de).join())).toEqual([]);
});

test('every text is said somewhere', () => {
  const unsaid = Object.keys(WORDS).filter((word) => !new RegExp(`['"]${word}['"]|\\b${word}:`).test(sources));
  expect(unsaid).toEqual([]);
});

test('no page says a text of its own', () => {
  // between two tags, or as a title: words that stand in no table
  const own = [...sources.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+)[\s.]*</g)].map(([, text]) => text);
  expect(own).toEqual([]);
});
