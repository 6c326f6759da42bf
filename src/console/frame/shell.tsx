/** What stands around every page: navigation, who is signed in, the language, whether the daemon is heard. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { languageNow, t } from '../words/language';
import type { Word } from '../words/words';
import type { SessionView } from './models';
import type { Place } from './router';

const PAGES: readonly (readonly [path: string, word: Word])[] = [
  ['/', 'overview'],
  ['/events', 'events'],
  ['/dead-letters', 'deadLetters'],
  ['/tail', 'tail'],
  ['/jobs', 'jobs'],
  ['/playground', 'playground'],
  ['/audit-log', 'auditLog'],
];

interface ShellProps {
  readonly place: Place;
  readonly session: SessionView;
  readonly onSignOut: () => void;
  readonly onLanguage: () => void;
  readonly children: ComponentChildren;
}

export function Shell({ place, session, onSignOut, onLanguage, children }: ShellProps): JSX.Element {
  const first = useRef(true);
  useEffect(() => {
    // the first page keeps the focus where the browser put it
    if (!first.current) document.getElementById('title')?.focus();
    first.current = false;
  }, [place.path]);
  return (
    <>
      <a class="skip" href="#main">
        {t('skip')}
      </a>
      <header>
        <a class="brand" href="/">
          ibmi-cdc
        </a>
        <nav aria-label={t('navigation')}>
          <ul>
            {PAGES.map(([path, word]) => (
              <li key={path}>
                <a href={path} aria-current={isHere(place.path, path) ? 'page' : undefined}>
                  {t(word)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="who">
          <span>
            {session.name} ({t(session.role)})
          </span>
          <LanguageButton onLanguage={onLanguage} />
          <button type="button" onClick={onSignOut}>
            {t('signOut')}
          </button>
        </div>
      </header>
      <main id="main">{children}</main>
    </>
  );
}

export function LanguageButton({ onLanguage }: { onLanguage: () => void }): JSX.Element {
  const other = languageNow() === 'en' ? 'de' : 'en';
  return (
    <button type="button" lang={other} onClick={onLanguage}>
      {other === 'de' ? 'Deutsch' : 'English'}
    </button>
  );
}

function isHere(path: string, page: string): boolean {
  return page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`);
}
