#!/usr/bin/env node
/** Entry point: arguments in, exit code out. */
import { processIo } from './io';
import { runCli } from './program';

void runCli(process.argv.slice(2), processIo()).then(() => {
  // a JVM started by transport jt400 keeps its threads: once the output has left, nothing else is worth waiting for
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
});
