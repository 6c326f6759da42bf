// @ts-check
// One source file as facts: its imports, exports, functions, and what the house counts. The parser is swc's, which knows
// TypeScript; it keeps no comments, so those are told from the lines.
import { parseSync } from '@swc/core';

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
]);

/** Counted wherever they stand in a file. */
const COUNTED = { TsAsExpression: 'casts', TsTypeAssertion: 'casts', TsNonNullExpression: 'bangs' };

/**
 * @param text the file
 * @param typescript false for a script
 * @param tsx true where elements of a page stand in it
 * @returns `imports` as { from, line, kind, typeOnly, names }: `names` null when the whole module is taken; `kind` is
 * `import`, `export`, `lazy` (import(), require()) or `type` (a type written with import()); `exports` as { name, line,
 * documented, typeOnly }; `functions` as { name, line, lines,
 * parameters, block }: `block` false for an arrow that is one expression; `words`: every identifier
 */
export function factsOf(text, typescript, tsx = false) {
  const file = new Walk(text, typescript, tsx);
  file.visit(file.tree, null, '');
  file.exports.sort((a, b) => a.line - b.line);
  const { imports, exports, functions, counts, words, strings } = file;
  return {
    lines: file.lines.length,
    commentLines: commentLines(file.lines, file.insideText),
    todo: (text.match(/\b(TODO|FIXME|XXX)\b/g) ?? []).length,
    ...{ imports, exports, functions, counts, words, strings },
  };
}

/** A line is a comment when nothing but a comment stands on it. */
function commentLines(lines, insideText) {
  let open = false;
  let count = 0;
  lines.forEach((line, i) => {
    if (insideText.has(i + 1) && !open) return;
    const text = line.trim();
    if (open || text.startsWith('//') || text.startsWith('/*')) count++;
    if (open ? text.includes('*/') : text.startsWith('/*') && !text.includes('*/')) open = !open;
  });
  return count;
}

class Walk {
  imports = [];
  exports = [];
  functions = [];
  strings = [];
  words = new Set();
  /** Lines that begin inside a template literal. */
  insideText = new Set();
  counts = { any: 0, casts: 0, doubleCasts: 0, bangs: 0 };

  constructor(text, typescript, tsx) {
    // the empty statement in front tells where the parser begins to count its bytes
    const parsed = `;${text.replace(/^#!/, '//')}`;
    this.tree = parseSync(
      parsed,
      typescript ? { syntax: 'typescript', tsx, target: 'es2022' } : { syntax: 'ecmascript', target: 'es2022' },
    );
    this.base = this.tree.body[0].span.start;
    this.lines = text.replace(/\n$/, '').split('\n');
    this.starts = [0];
    const bytes = Buffer.from(parsed);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) this.starts.push(at + 1);
  }

  /** 1-based. */
  line(position) {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= position - this.base) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  visit(node, parent, name) {
    this.#count(node, parent);
    this.#module(node);
    if (FUNCTIONS.has(node.type)) this.#function(node, name);
    const own = nameOf(node) ?? (node.type === 'CallExpression' ? '' : name);
    for (const key of Object.keys(node)) {
      const value = node[key];
      if (Array.isArray(value)) for (const each of value) this.#child(each, node, own);
      else this.#child(value, node, own);
    }
  }

  #child(value, node, name) {
    if (typeof value !== 'object' || value === null) return;
    if (value.type !== undefined) this.visit(value, node, name);
    // an argument and the like: an object without a type around the node
    else if (value.expression?.type) this.visit(value.expression, node, '');
  }

  #count(node, parent) {
    if (COUNTED[node.type]) this.counts[COUNTED[node.type]]++;
    if (node.type === 'TsAsExpression' && node.expression.type === 'TsAsExpression') this.counts.doubleCasts++;
    if (node.type === 'TsKeywordType' && node.kind === 'any') this.counts.any++;
    if (node.type === 'Identifier') this.words.add(node.value);
    if (node.type === 'StringLiteral' && parent.type !== 'ImportDeclaration') this.strings.push(node.value);
    if (node.type === 'TemplateElement') {
      this.strings.push(node.raw);
      const to = this.line(node.span.end);
      for (let at = this.line(node.span.start) + 1; at <= to; at++) this.insideText.add(at);
    }
  }

  #function(node, name) {
    const inner = node.function ?? node;
    const body = inner.body;
    if (!body) return;
    const parameters = (inner.params ?? []).filter((p) => (p.pat ?? p).value !== 'this').length;
    const line = this.line(node.span.start);
    const block = body.type === 'BlockStatement' || body.stmts !== undefined;
    const lines = this.line(node.span.end - 1) - line + 1;
    this.functions.push({ name: nameOf(node) ?? (name || '(anonymous)'), line, lines, parameters, block });
  }

  #module(node) {
    switch (node.type) {
      case 'ImportDeclaration':
        return this.#import(node);
      case 'ExportNamedDeclaration':
        return this.#exportNamed(node);
      case 'ExportAllDeclaration':
        return this.#imported(node, 'export', false, null);
      case 'ExportDeclaration':
        return this.#exportDeclaration(node);
      case 'ExportDefaultDeclaration':
      case 'ExportDefaultExpression':
        return this.#exported('default', node, false);
      case 'TsImportType':
        return this.#imported({ source: node.argument, span: node.span }, 'type', true, qualified(node));
      case 'CallExpression':
        return this.#call(node);
    }
  }

  #import(node) {
    const named = node.specifiers.filter((s) => s.type === 'ImportSpecifier');
    const typeOnly =
      node.typeOnly ||
      (named.length > 0 && named.length === node.specifiers.length && named.every((s) => s.isTypeOnly));
    const whole = node.specifiers.some((s) => s.type === 'ImportNamespaceSpecifier');
    const names = node.specifiers.map((s) =>
      s.type === 'ImportSpecifier' ? (s.imported ?? s.local).value : 'default',
    );
    this.#imported(node, 'import', typeOnly, whole ? null : names);
  }

  #exportNamed(node) {
    for (const s of node.specifiers) {
      const name = (s.exported ?? s.orig ?? s.name).value;
      this.#exported(name, node, node.typeOnly || s.isTypeOnly === true);
    }
    if (node.source) {
      const names = node.specifiers.map((s) => s.orig?.value);
      this.#imported(node, 'export', node.typeOnly, names.includes(undefined) ? null : names);
    }
  }

  #exportDeclaration(node) {
    const { declaration } = node;
    if (declaration.type === 'VariableDeclaration')
      for (const each of declaration.declarations) for (const name of bound(each.id)) this.#exported(name, node, false);
    else {
      const type = declaration.type === 'TsInterfaceDeclaration' || declaration.type === 'TsTypeAliasDeclaration';
      this.#exported((declaration.identifier ?? declaration.id).value, node, type);
    }
  }

  #exported(name, node, typeOnly) {
    const line = this.line(node.span.start);
    // overloads are one export
    if (this.exports.some((e) => e.name === name)) return;
    const above = (this.lines[line - 2] ?? '').trim();
    const documented = above.endsWith('*/') || above.startsWith('//');
    this.exports.push({ name, line, documented, typeOnly });
  }

  /** `require('x')`, `import('x')` */
  #call(node) {
    const lazy =
      node.callee.type === 'Import' || (node.callee.type === 'Identifier' && node.callee.value === 'require');
    const [argument] = node.arguments;
    if (!lazy || argument?.expression.type !== 'StringLiteral') return;
    this.#imported({ source: argument.expression, span: node.span }, 'lazy', false, null);
  }

  #imported(node, kind, typeOnly, names) {
    this.imports.push({ from: node.source.value, line: this.line(node.span.start), kind, typeOnly, names });
  }
}

/** The name that a function below this node goes by. */
function nameOf(node) {
  switch (node.type) {
    case 'Constructor':
      return 'constructor';
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return node.identifier?.value;
    case 'ClassMethod':
    case 'MethodProperty':
    case 'GetterProperty':
    case 'SetterProperty':
    case 'KeyValueProperty':
    case 'ClassProperty':
      return node.key.value;
    case 'PrivateMethod':
    case 'PrivateProperty':
      return `#${node.key.id?.value ?? node.key.value}`;
    case 'VariableDeclarator':
      return node.id.value;
  }
}

function qualified(node) {
  let name = node.qualifier;
  while (name?.left) name = name.left;
  return name ? [name.value] : null;
}

function bound(pattern) {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.value];
    case 'ObjectPattern':
      return pattern.properties.flatMap((p) => bound(p.value ?? p.key ?? p.argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap((e) => (e ? bound(e) : []));
    case 'AssignmentPattern':
      return bound(pattern.left);
    default:
      return [];
  }
}
