// @ts-check
// The Nodes this product is tested on, oldest first. A fixed release keeps a test run repeatable; `engines` in package.json
// says the same majors to npm.
export const NODES = {
  20: '20.20.2',
  22: '22.23.3',
  24: '24.21.0',
  26: '26.10.0',
};
