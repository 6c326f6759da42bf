#!/usr/bin/env node
/** Entry point: arguments in, exit code out. */
import { processIo } from './io';
import { runCli } from './program';

void runCli(process.argv.slice(2), processIo());
