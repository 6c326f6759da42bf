/** System names of objects and columns whose SQL names are longer than ten characters, as Db2 for i makes them. */

const MAX = 10;

/** `CUSTOMER_NUMBER` becomes `CUSTO00001`, the next such column `CUSTO00002`. */
export function systemColumnName(name: string, taken: ReadonlySet<string>): string {
  return systemName(name, taken);
}

export function systemObjectName(name: string, taken: (candidate: string) => boolean): string {
  if (name.length <= MAX && isPlain(name)) return name;
  for (let n = 1; ; n++) {
    const candidate = numbered(name, n);
    if (!taken(candidate)) return candidate;
  }
}

function systemName(name: string, taken: ReadonlySet<string>): string {
  return systemObjectName(name, (candidate) => taken.has(candidate));
}

function isPlain(name: string): boolean {
  return /^[A-Z#@$§ÄÖÜ][A-Z0-9#@$_.§ÄÖÜ]*$/.test(name);
}

function numbered(name: string, n: number): string {
  const stem = name
    .toUpperCase()
    .replace(/[^A-Z0-9#@$_]/g, '')
    .padEnd(5, '0')
    .slice(0, 5);
  return `${/^[0-9]/.test(stem) ? `Q${stem.slice(0, 4)}` : stem}${String(n).padStart(5, '0')}`;
}
