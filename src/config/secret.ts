/** A secret that cannot be printed by accident, and is looked up again when its file or program has another value. */
import { inspect } from 'node:util';
import { CodedError } from '../errors/coded-error';
import { hasReference, type ReferenceFault, type References, shownReference } from './lookup/references';

/** How long a value is used before its file is asked whether it changed; a program has its own, longer time. */
const LOOK_AGAIN_MS = 1_000;

/** What may be said of a value: null if it will do, otherwise what was expected. */
export type SecretForm = (value: string) => string | null;

/** How a secret is bound to its place in the configuration. */
interface SecretPlace {
  readonly references: References;
  /** As in `destinations.crm.webhook.auth.bearer.token`. */
  readonly path: string;
  readonly form: SecretForm;
}

export class Secret {
  readonly #text: string;
  readonly #place: SecretPlace | null;
  /** The last value that could be used. */
  #value: string | null = null;
  #fault: ReferenceFault | null = null;
  #lookAt = Number.NEGATIVE_INFINITY;

  private constructor(text: string, place: SecretPlace | null) {
    this.#text = text;
    this.#place = place;
  }

  /** A secret just parsed; {@link bind} gives it its place. Literal ones work at once. */
  static unbound(text: string): Secret {
    return new Secret(text, null);
  }

  bind(place: SecretPlace): Secret {
    return new Secret(this.#text, place);
  }

  /**
   * The value, no older than a second (a program: than its cache). While a new value cannot be read or cannot be used, the
   * one before it, and {@link fault} says why.
   * @throws CodedError `CONFIG_SECRET`, family config, when there has been no value yet
   */
  reveal(): string {
    const place = this.#place;
    if (!place) return this.#text;
    const now = place.references.clock();
    if (now >= this.#lookAt || this.#value === null) this.#look(place, now);
    if (this.#value !== null) return this.#value;
    const { reference, problem } = this.#fault!;
    throw new CodedError({
      code: 'CONFIG_SECRET',
      message: `${place.path}: ${reference}: ${problem}; expected a secret`,
      next: 'set the variable, create the file (mode 0600) or make the program print it, then start again',
      facts: { path: place.path },
    });
  }

  /** The receiver does not accept the value: the next {@link reveal} looks at once. A program runs again after ten seconds at most. */
  lookAgain(): void {
    this.#lookAt = Number.NEGATIVE_INFINITY;
    this.#place?.references.lookAgain(this.#text);
  }

  /**
   * Why the value now in its place cannot be used; null when it can. Says nothing about the value. While it is not null,
   * {@link reveal} hands out the value before, if there was one.
   */
  fault(): ReferenceFault | null {
    const place = this.#place;
    if (!place) return null;
    const now = place.references.clock();
    if (now >= this.#lookAt) this.#look(place, now);
    return this.#fault;
  }

  /** What its place in the configuration expects instead of this value; null when it will do. Says nothing about the value. */
  judge(): string | null {
    return this.#place?.form(this.reveal()) ?? null;
  }

  #look(place: SecretPlace, now: number): void {
    this.#lookAt = now + LOOK_AGAIN_MS;
    const found = place.references.resolve(this.#text);
    if (!found.ok) {
      this.#fault = found.fault;
      return;
    }
    // the first value is judged when the configuration is read, where more can be said about it
    const wrong = this.#value === null || this.#value === found.value ? null : place.form(found.value);
    const problem = found.value === '' ? 'is empty' : wrong;
    this.#fault = problem === null ? null : { reference: this.source, problem };
    if (problem === null) this.#value = found.value;
  }

  /** The reference as written, or `[secret]` for literal text. Safe to print. */
  get source(): string {
    const whole = /^\$\{(env|file|command):[\s\S]*\}$/.test(this.#text) && !this.#text.slice(2).includes('${');
    return whole && !this.#text.includes(':-') ? shownReference(this.#text) : '[secret]';
  }

  /** True when the secret itself stands in the YAML. */
  get literal(): boolean {
    return !hasReference(this.#text);
  }

  /** False where programs are not run and this is what one prints. */
  get known(): boolean {
    return !this.#place?.references.isUnknown(this.#text);
  }

  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}
