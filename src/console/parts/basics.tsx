/** Small parts that every page is made of. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { twoParts } from '../frame/api';
import type { Asked } from '../frame/use-ask';
import { duration, moment, t } from '../words/language';
import type { Word } from '../words/words';

type Mood = 'good' | 'warn' | 'bad' | 'idle';

/** A state in a word; its colour repeats what the word says. */
export function Badge({ mood, children }: { mood: Mood; children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${mood}`}>{children}</span>;
}

/** A time as the browser's clock has it; UTC when pointed at. */
export function Time({ at }: { at: string | null | undefined }): JSX.Element {
  if (!at) return <span>–</span>;
  return (
    <time dateTime={at} title={at}>
      {moment(at)}
    </time>
  );
}

/** How long ago, counted on while it is looked at. */
export function Ago({ at }: { at: string }): JSX.Element {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={at}>
      {t('ago', { time: duration((now - Date.parse(at)) / 1000) })}
    </time>
  );
}

export function TableLink({ name }: { name: string }): JSX.Element {
  return <a href={`/tables${twoParts(name)}`}>{name}</a>;
}

export function DestinationLink({ name }: { name: string }): JSX.Element {
  return <a href={`/destinations/${encodeURIComponent(name)}`}>{name}</a>;
}

/** Heading, what the page is about, and what can be done. The heading takes the focus when the page is turned. */
export function Head({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${title} · ibmi-cdc`;
  }, [title]);
  return (
    <div class="head">
      <h1 tabIndex={-1} id="title">
        {title}
      </h1>
      {children}
    </div>
  );
}

export function ProblemBox({
  problem,
}: {
  problem: { code: string; detail: string; next: string | null } | null;
}): JSX.Element | null {
  if (!problem) return null;
  return (
    <div class="problem" role="alert">
      <strong>{problem.code === 'NO_ANSWER' ? t('noAnswer') : problem.code}</strong> {problem.detail}
      {problem.next && (
        <p>
          {t('next')}: {problem.next}
        </p>
      )}
    </div>
  );
}

/** An answer, or that it is under way, or why there is none. */
export function Answer<T>({
  asked,
  title,
  children,
}: {
  asked: Asked<T>;
  /** Heading of the page until the answer brings its own. */
  title?: string;
  children: (data: T) => ComponentChildren;
}): JSX.Element {
  return (
    <>
      {asked.data === null && title !== undefined && <Head title={title} />}
      <ProblemBox problem={asked.problem} />
      {asked.data === null
        ? asked.problem === null && (
            <p class="quiet" role="status">
              {t('loading')}
            </p>
          )
        : children(asked.data)}
    </>
  );
}

export interface Column<T> {
  readonly word: Word;
  readonly cell: (item: T) => ComponentChildren;
  /** Figures stand to the right. */
  readonly right?: boolean;
}

interface GridProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string | number;
  readonly empty?: string;
}

/** A table of the page that can be scrolled sideways where it is too wide for it. */
export function Grid<T>({ caption, columns, items, keyOf, empty }: GridProps<T>): JSX.Element {
  if (items.length === 0) return <p class="quiet">{empty ?? t('nothing')}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by the keyboard
    <section class="scroll" tabIndex={0} aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ word, right }) => (
              <th key={word} scope="col" class={right ? 'right' : ''}>
                {t(word)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ word, cell, right }) => (
                <td key={word} class={right ? 'right' : ''}>
                  {cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Names and values. */
export function Facts({ items }: { items: readonly (readonly [Word, ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {items.map(([word, value]) => (
        <div key={word}>
          <dt>{t(word)}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

/** JSON as text: nothing of it is ever taken for markup. */
export function Json({ value, label }: { value: unknown; label: string }): JSX.Element {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by the keyboard
    <section class="scroll code" tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}

export function Section({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
