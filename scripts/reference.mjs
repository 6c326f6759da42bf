// @ts-check
// Run after changing an error, a metric, a command or the schema: writes docs/reference (`npm run reference`, which builds first).
// With --check nothing is written: exit 5 and the names of the pages that differ from what the code says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { apiPage } from './reference/api.mjs';
import { commandsPage } from './reference/commands.mjs';
import { configurationPage } from './reference/configuration.mjs';
import { errorsPage } from './reference/errors.mjs';
import { metricsPage } from './reference/metrics.mjs';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../docs/reference/', import.meta.url));
const { OWN_ERRORS } = require('../dist/errors/codes.js');
const { FIELD_ERRORS, FIELD_NEXT } = require('../dist/errors/codes/fields.js');
const { CHECK_FINDINGS, CONFIG_FINDINGS, LINT_FINDINGS } = require('../dist/errors/codes/findings.js');
const { DEAD_LETTER_REASONS } = require('../dist/errors/codes/delivery.js');
const { exitCodeOfFamily } = require('../dist/errors/coded-error.js');
const { METRIC_GROUPS } = require('../dist/telemetry/metric-list.js');
const { configJsonSchema } = require('../dist/config/json-schema.js');
const { buildProgram } = require('../dist/cli/program.js');
const { openApiDocument } = require('../dist/api/openapi.js');
const { version } = require('../dist/version.js');
const { FINDINGS_OF } = require('../dist/cli/exit-meanings.js');

const stream = () => new PassThrough();
const io = { stdin: stream(), stdout: stream(), stderr: stream(), env: {}, exit: () => undefined };

const pages = {
  'errors.md': errorsPage({
    OWN_ERRORS,
    FIELD_ERRORS,
    FIELD_NEXT,
    CONFIG_FINDINGS,
    LINT_FINDINGS,
    CHECK_FINDINGS,
    REASONS: DEAD_LETTER_REASONS,
    exitOf: exitCodeOfFamily,
  }),
  'metrics.md': metricsPage(METRIC_GROUPS),
  'commands.md': commandsPage(buildProgram(io), FINDINGS_OF),
  'configuration.md': configurationPage(configJsonSchema()),
  'api.md': apiPage(openApiDocument(version())),
  'openapi.json': `${JSON.stringify(openApiDocument(version()), null, 2)}\n`,
};

if (process.argv.includes('--check')) {
  const differ = Object.entries(pages).filter(([name, text]) => read(name) !== text);
  for (const [name] of differ)
    process.stdout.write(`docs/reference/${name} is not what the code says: npm run reference\n`);
  process.exitCode = differ.length > 0 ? 5 : 0;
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(pages)) writeFileSync(folder + name, text);
}

function read(name) {
  try {
    return readFileSync(folder + name, 'utf8');
  } catch {
    return null;
  }
}
