/** Dotted paths into JSON: `data.items.0.status`. An empty path is the root. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const name of path === '' ? [] : path.replace(/^\$\.?/, '').split('.')) {
    if (name === '') continue;
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}

/** Sets a member, making objects on the way. The rest of the text is written again by JSON.stringify. */
export function withMember(json: Buffer, path: string, value: string): Buffer {
  const names = path.replace(/^\$\.?/, '').split('.');
  const first = JSON.stringify(names[0]);
  if (json[0] === 0x7b && json.length > 2 && !json.includes(`${first}:`)) {
    const inner = names
      .slice(1)
      .reduceRight((rest, name) => `{${JSON.stringify(name)}:${rest}}`, JSON.stringify(value));
    return Buffer.concat([Buffer.from(`{${first}:${inner},`), json.subarray(1)]);
  }
  const root = JSON.parse(json.toString('utf8')) as Record<string, unknown>;
  let here = root;
  for (const name of names.slice(0, -1)) {
    const next = here[name];
    const object = typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {};
    here[name] = object;
    here = object;
  }
  here[names.at(-1)!] = value;
  return Buffer.from(JSON.stringify(root));
}
