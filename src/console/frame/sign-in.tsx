/** Sign-in by token. The token is sent once and kept nowhere: the browser has the cookie of a session then. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Head, ProblemBox } from '../parts/basics';
import { t } from '../words/language';
import { ask, Problem } from './api';
import type { SessionView } from './models';
import { LanguageButton } from './shell';
import { useAct } from './use-ask';

interface SignInProps {
  readonly onSignedIn: (session: SessionView) => void;
  readonly onLanguage: () => void;
}

export function SignIn({ onSignedIn, onLanguage }: SignInProps): JSX.Element {
  const token = useRef<HTMLInputElement>(null);
  const [lost, setLost] = useState(false);
  const { busy, problem, act } = useAct<void>();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setLost(false);
    void act(async () => {
      await ask('POST', '/v1/session', { token: token.current!.value.trim() });
      try {
        onSignedIn(await ask<SessionView>('GET', '/v1/session'));
      } catch (error) {
        // the browser threw the cookie away: it keeps it over https and for this machine alone
        if (error instanceof Problem && error.status === 401) setLost(true);
        else throw error;
      }
    });
  };
  return (
    <main class="sign-in" id="main">
      <Head title={t('signIn')} />
      <form onSubmit={submit}>
        <label>
          <span>{t('token')}</span>
          <input ref={token} type="password" name="token" autocomplete="current-password" required />
        </label>
        <p class="quiet">
          {t('tokenFrom')} <code>ibmi-cdc token create --name ME --role viewer</code>
        </p>
        <div class="row">
          <button type="submit" class="main" disabled={busy}>
            {t('signIn')}
          </button>
          <LanguageButton onLanguage={onLanguage} />
        </div>
      </form>
      <ProblemBox problem={lost ? { code: t('cookieLost'), detail: t('needsHttps'), next: null } : problem} />
    </main>
  );
}
