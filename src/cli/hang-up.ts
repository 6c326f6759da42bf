/**
 * Loaded before every other module: a daemon is told of a hang-up, or to read its log level again, and neither ends it, however
 * early it comes. Nothing is missed by it, as the configuration is read later.
 */
if (process.argv.includes('run')) process.on('SIGHUP', () => undefined);
