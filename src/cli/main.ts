#!/usr/bin/env node
/** Entry point: arguments in, exit code out. */
import './hang-up';
import { processIo } from './io';
import { runCli } from './program';
import { hideHarmlessWarnings } from './warnings';

hideHarmlessWarnings();

/** Their work matters, whoever reads what they print. */
const UNREAD = ['run', 'backfill'];

// `ibmi-cdc trace ... | head`: a reader that has seen enough is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!UNREAD.some((command) => process.argv.includes(command))) process.exit();
});

void runCli(process.argv.slice(2), processIo()).then(() => {
  // a JVM started by transport jt400 keeps its threads: once the output has left, nothing else is worth waiting for
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
});
