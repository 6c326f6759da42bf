// Loaded before the command line: at its end writes the files of all modules that were loaded to the file LOADED_MODULES names.
const { writeFileSync } = require('node:fs');

process.on('exit', () => writeFileSync(process.env.LOADED_MODULES, JSON.stringify(Object.keys(require.cache))));
