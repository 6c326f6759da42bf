/** Dotted paths into JSON: `data.items.0.status`. An empty path is the root. */
export function namesOf(path: string): string[] {
  return path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter((name) => name !== '');
}

export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const name of namesOf(path)) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}
