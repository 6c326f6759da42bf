/** Certificates and keys the configuration names, looked at before anything is dialled. */
import { X509Certificate } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import { FileFault, MAX_PEM_BYTES, readTextFile } from '../../files/text-file';
import type { Finding } from '../issue';
import { type ConfigTree, objectAt, objectOf, type Path } from './tree';

/**
 * @param folder relative paths start there
 * @param severity warning where the files may be on another machine
 */
export function pemChecks(root: unknown, folder: string, severity: Finding['severity']): Finding[] {
  const tree = objectOf(root);
  const sections: [ConfigTree, Path][] = [[objectAt(tree, 'partition', 'tls'), ['partition', 'tls']]];
  for (const [name, value] of Object.entries(objectOf(tree['destinations']))) {
    const destination = objectOf(value);
    for (const below of [
      ['webhook', 'tls'],
      ['webhook', 'auth', 'oauth2', 'tls'],
      ['kafka', 'tls'],
    ]) {
      sections.push([objectAt(destination, ...below), ['destinations', name, ...below]]);
    }
  }
  return sections.flatMap(([tls, path]) => sectionFindings(tls, path, folder, severity));
}

function sectionFindings(tls: ConfigTree, path: Path, folder: string, severity: Finding['severity']): Finding[] {
  const passphrase = tls['passphrase'] != null;
  return (['ca', 'cert', 'key'] as const).flatMap((member) => {
    const name = tls[member];
    if (typeof name !== 'string' || name === '' || name.includes('${')) return [];
    const file = isAbsolute(name) ? name : resolve(folder, name);
    try {
      const text = readTextFile(file, MAX_PEM_BYTES);
      const expected = member === 'key' ? keyFault(text, passphrase) : certificateFault(text);
      return expected === null ? [] : [finding(name, expected)];
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      // a file that is not there is the first thing the sign-on says, in its own words
      if (error.code !== null && path[0] === 'partition' && severity === 'error') return [];
      const der = error.place === null ? '' : '; DER becomes PEM by: openssl x509 -inform der -in FILE -out FILE.pem';
      return [finding(name, `expected a PEM file: ${file} ${error.problem}${der}`)];
    }

    function finding(seen: string, expected: string): Finding {
      const at = [...path, member];
      return {
        severity,
        code: 'CFG_FILE',
        path: at,
        at: 'value',
        seen: JSON.stringify(seen),
        expected,
        suggestion: null,
      };
    }
  });
}

function certificateFault(text: string): string | null {
  const blocks =
    text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'expected a PEM file with a certificate in it';
  const bad = blocks.findIndex((block) => !readable(block));
  return bad < 0 ? null : `expected certificates that can be read: number ${bad + 1} in it cannot`;
}

function readable(block: string): boolean {
  try {
    new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}

function keyFault(text: string, passphrase: boolean): string | null {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'expected a PEM file with a private key in it';
  const sealed = /ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text);
  return sealed && !passphrase ? 'expected passphrase beside it: the key is encrypted' : null;
}
