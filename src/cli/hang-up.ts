/**
 * Loaded before every other module: a daemon gets SIGHUP when its terminal ends, or to read its log level again. Neither ends
 * it, however early the signal comes. Nothing is missed by it, as the configuration is read later.
 */
if (process.argv.includes('run')) process.on('SIGHUP', () => undefined);
