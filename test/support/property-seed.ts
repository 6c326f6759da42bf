/**
 * Property tests draw the same cases each time, so that a test command says the same of the same code. Other cases:
 * `PROPERTY_SEED=17 npx jest test/record`, or `PROPERTY_SEED=random`; a failure prints its seed.
 */
import fc from 'fast-check';

const asked = process.env['PROPERTY_SEED'];
if (asked !== 'random') fc.configureGlobal({ seed: asked === undefined ? 400 : Number(asked) });
