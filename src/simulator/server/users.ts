/**
 * User profiles of the partition: who may sign on, with which password, and what each refusal is called.
 * Return codes are those of docs/protocol.md#3.3; which of them a given IBM release sends for which mistake is
 * not known, so the choice made here is written down in ../README.md.
 */
import { passwordToken } from '../../hostserver/password';
import { SIGNON_CODE } from '../../hostserver/return-codes';

export type PasswordLevel = 0 | 1 | 2 | 3 | 4;

export interface UserProfile {
  readonly name: string;
  /** Null is *NONE. */
  readonly password: string | null;
  /** Has only the authority granted to it; by default a profile may do everything, like QSECOFR. */
  readonly limited?: boolean;
  readonly disabled?: boolean;
  readonly expired?: boolean;
  /** Days until the password expires, sent as a date with the sign-on information; absent is *NOMAX. */
  readonly expiresInDays?: number;
}

/** Refused attempts in a row that disable a profile (QMAXSIGN). */
const DEFAULT_MAX_ATTEMPTS = 3;

interface ProfileState {
  profile: UserProfile;
  failures: number;
  disabled: boolean;
  attempts: number;
  /** Depends on user and password alone and is costly at level 4. */
  token: Buffer | null;
}

export class UserRegistry {
  private readonly states = new Map<string, ProfileState>();

  constructor(
    users: readonly UserProfile[],
    private readonly level: PasswordLevel = 3,
    private readonly maxAttempts = DEFAULT_MAX_ATTEMPTS,
  ) {
    for (const user of users) this.set(user);
  }

  /** Creates or replaces a profile; its count of failures starts again. */
  set(profile: UserProfile): void {
    const name = profile.name.toUpperCase();
    this.states.set(name, {
      profile: { ...profile, name },
      failures: 0,
      disabled: profile.disabled ?? false,
      attempts: 0,
      token: null,
    });
  }

  has(name: string): boolean {
    return this.states.has(name.toUpperCase());
  }

  remove(name: string): void {
    this.states.delete(name.toUpperCase());
  }

  get(name: string): UserProfile | undefined {
    return this.states.get(name.toUpperCase())?.profile;
  }

  /** How often this profile was presented with a password, right or wrong, since it was set. */
  attempts(name: string): number {
    return this.states.get(name.toUpperCase())?.attempts ?? 0;
  }

  isDisabled(name: string): boolean {
    return this.states.get(name.toUpperCase())?.disabled ?? false;
  }

  /** Return code for one attempt; `matches` says whether what came fits the token of the true password. */
  check(name: string, matches: (token: Buffer) => boolean): number {
    const state = this.states.get(name.toUpperCase());
    if (!state) return SIGNON_CODE.userUnknown;
    state.attempts++;
    if (state.disabled) return SIGNON_CODE.userDisabled;
    const { password, expired } = state.profile;
    if (password === null) return SIGNON_CODE.passwordNone;
    state.token ??= passwordToken(this.level, state.profile.name, password);
    if (!matches(state.token)) return this.failed(state);
    state.failures = 0;
    return expired ? SIGNON_CODE.passwordExpired : SIGNON_CODE.ok;
  }

  private failed(state: ProfileState): number {
    state.failures++;
    if (state.failures >= this.maxAttempts) state.disabled = true;
    return state.failures === this.maxAttempts - 1
      ? SIGNON_CODE.passwordIncorrectNextDisables
      : SIGNON_CODE.passwordIncorrect;
  }
}
