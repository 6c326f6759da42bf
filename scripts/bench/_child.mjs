// @ts-check
// A child process of a benchmark that talks by messages, and what Linux tells of a process.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @returns next() the next message, ask(message) its answer, end() lets the child go, pid */
export function child(file, ...args) {
  const started = fork(fileURLToPath(new URL(file, import.meta.url)), args.map(String));
  const next = () =>
    new Promise((resolve, reject) => {
      const ended = (code) => reject(new Error(`${file} ended with ${code}`));
      started.once('exit', ended);
      started.once('message', (message) => {
        started.off('exit', ended);
        resolve(message);
      });
    });
  return {
    pid: started.pid,
    next,
    ask: (message) => {
      started.send(message);
      return next();
    },
    end: () => started.disconnect(),
  };
}

export const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : Number(process.argv[at + 1]);
};

export const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/** Highest resident set so far, MB; Linux only, 0 elsewhere. */
export function peakRss(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return 0;
  }
}

/** User and system seconds of every thread so far; Linux only, 0 elsewhere. */
export function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
