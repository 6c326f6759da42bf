// @ts-check
// Markdown of the reference pages.

/** @param {string} source the file a page is made of */
export const head = (title, source, text) =>
  `# ${title}\n\n<!-- Made by \`npm run reference\` out of ${source}; a test fails when they differ. -->\n\n${text}\n`;

export const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

export const table = (columns, rows) =>
  [
    `| ${columns.join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
    '',
  ].join('\n');
