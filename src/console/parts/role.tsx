/** Who is signed in, for parts that only some may use. The API decides; this only spares a refused try. */
import { type ComponentChildren, createContext, type JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { SessionView } from '../frame/models';
import { t } from '../words/language';

type Role = SessionView['role'];
const ORDER: readonly Role[] = ['viewer', 'operator', 'admin'];

export const SignedIn = createContext<SessionView>({ name: '', role: 'viewer', via: 'console' });

export function useMay(needed: Role): boolean {
  return ORDER.indexOf(useContext(SignedIn).role) >= ORDER.indexOf(needed);
}

/** Buttons of operators; others read why there are none. */
export function ForOperators({ children }: { children: ComponentChildren }): JSX.Element {
  const may = useMay('operator');
  return <div>{may ? children : <p class="quiet">{t('needsOperator')}</p>}</div>;
}
