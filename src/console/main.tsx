/** The console: a client of the HTTP API and nothing more. */
import { type JSX, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, whenSignedOut } from './frame/api';
import type { SessionView } from './frame/models';
import { followLinks, usePlace } from './frame/router';
import { Shell } from './frame/shell';
import { SignIn } from './frame/sign-in';
import { pageOf } from './pages';
import { SignedIn } from './parts/role';
import { languageNow, speak } from './words/language';

function Console(): JSX.Element | null {
  const place = usePlace();
  const [session, setSession] = useState<SessionView | null | undefined>(undefined);
  const [language, setLanguage] = useState(languageNow);
  useEffect(() => {
    whenSignedOut(() => setSession(null));
    ask<SessionView>('GET', '/v1/session').then(setSession, () => setSession(null));
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const other = (): void => {
    speak(languageNow() === 'en' ? 'de' : 'en');
    setLanguage(languageNow());
  };
  if (session === undefined) return null;
  if (session === null) return <SignIn onSignedIn={setSession} onLanguage={other} />;
  const signOut = (): void => void ask('DELETE', '/v1/session').finally(() => setSession(null));
  return (
    <SignedIn.Provider value={session}>
      <Shell place={place} session={session} onSignOut={signOut} onLanguage={other}>
        <div key={`${language} ${place.path}`}>{pageOf(place)}</div>
      </Shell>
    </SignedIn.Provider>
  );
}

followLinks();
render(<Console />, document.getElementById('console')!);
