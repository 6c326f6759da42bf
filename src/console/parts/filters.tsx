/** A form whose fields are the query of the address: what was asked for is a link. */
import type { JSX } from 'preact';
import { queryOf } from '../frame/api';
import { go, type Place } from '../frame/router';
import { t } from '../words/language';
import type { Word } from '../words/words';

export interface Field {
  readonly name: string;
  readonly word: Word;
  readonly type?: 'datetime-local';
  readonly choices?: readonly string[];
}

export function Filters({ place, fields }: { place: Place; fields: readonly Field[] }): JSX.Element {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const values = fields.map(({ name, type }) => {
      const text = String(form.get(name) ?? '').trim();
      return [name, type === 'datetime-local' && text !== '' ? new Date(text).toISOString() : text] as const;
    });
    go(place.path + queryOf(Object.fromEntries(values)));
  };
  return (
    // another place: other values to begin with
    <form class="filters" aria-label={t('filter')} key={place.query.toString()} onSubmit={submit}>
      {fields.map((field) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: its field stands in Input
        <label key={field.name}>
          <span>{t(field.word)}</span>
          <Input field={field} value={place.query.get(field.name) ?? ''} />
        </label>
      ))}
      <div class="row">
        <button type="submit" class="main">
          {t('filter')}
        </button>
        <a class="button" href={place.path}>
          {t('clear')}
        </a>
      </div>
    </form>
  );
}

function Input({ field: { name, type, choices }, value }: { field: Field; value: string }): JSX.Element {
  if (type === 'datetime-local')
    return <input name={name} type="datetime-local" step={1} defaultValue={localTime(value)} />;
  if (!choices) return <input name={name} type="text" defaultValue={value} />;
  return (
    <select name={name} defaultValue={value}>
      {['', ...choices].map((choice) => (
        <option key={choice} value={choice} selected={choice === value}>
          {choice === '' ? t('all') : choice}
        </option>
      ))}
    </select>
  );
}

/** As the field of the browser wants it: its own clock, without a zone. */
function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
