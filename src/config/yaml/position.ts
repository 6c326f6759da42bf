/** What may stand at a place of the configuration, as far as it decides how an unquoted scalar is taken. */

export interface Kinds {
  /** Any text, perhaps of a certain form. */
  readonly text: boolean;
  /** Single words that are allowed, such as `off`. */
  readonly words: ReadonlySet<string>;
  readonly number: boolean;
  readonly boolean: boolean;
  readonly null: boolean;
}

export interface YamlPosition {
  readonly kinds: Kinds;
  /** Below this key of a map. */
  member(key: string): YamlPosition;
  /** Any item of a list. */
  item(): YamlPosition;
}
