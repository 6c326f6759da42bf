// @ts-check
// Run after changing src/config/schema: writes config/ibmi-cdc.schema.json (`npm run build` first).
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { configJsonSchemaText } = require('../dist/config/json-schema.js');
writeFileSync(new URL('../config/ibmi-cdc.schema.json', import.meta.url), configJsonSchemaText());
