/** Exports and imports of all modules: no unused export; in the program no circle of imports, type imports included. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Import {
  readonly file: string;
  /** `*` where all names may be meant. */
  readonly names: readonly string[];
}

interface Module {
  readonly exports: readonly string[];
  readonly imports: readonly Import[];
}

const modules = new Map(
  ['src', 'test', 'scripts']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
    )
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => [path, readModule(path)]),
);

function readModule(path: string): Module {
  const source = ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, names: readonly string[]): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return;
    imports.push({ file: relative(ROOT, join(ROOT, dirname(path), specifier.text)), names });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, namesOf(node.importClause?.namedBindings));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, namesOf(node.exportClause));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, ['*']);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], unpacked(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { exports: source.statements.flatMap(exportsOf), imports };
}

function namesOf(clause: ts.NamedImportBindings | ts.NamedExportBindings | undefined): string[] {
  if (clause === undefined || !('elements' in clause)) return ['*'];
  return clause.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
}

/** Of `const { a, b } = await import('…')`: a, b. */
function unpacked(call: ts.CallExpression): string[] {
  const declaration = call.parent.parent;
  if (!ts.isVariableDeclaration(declaration) || !ts.isObjectBindingPattern(declaration.name)) return ['*'];
  return declaration.name.elements.map(({ propertyName, name }) => (propertyName ?? name).getText());
}

function exportsOf(statement: ts.Statement): string[] {
  if (ts.isExportDeclaration(statement)) return namesOf(statement.exportClause);
  if (!ts.canHaveModifiers(statement)) return [];
  if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  return [(statement as ts.DeclarationStatement).name?.getText() ?? 'default'];
}

test('every export is imported somewhere', () => {
  const taken = new Set(
    [...modules.values()].flatMap(({ imports }) =>
      imports.flatMap(({ file, names }) => names.map((name) => `${file}: ${name}`)),
    ),
  );
  const spare = [...modules].flatMap(([file, { exports }]) =>
    exports.map((name) => `${file}: ${name}`).filter((one) => !taken.has(one) && !taken.has(`${file}: *`)),
  );
  expect(spare).toEqual([]);
});

/** The shortest way along imports from a file back to itself. */
function circleOf(file: string): string[] | null {
  const ways = [[file]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of new Set(modules.get(way.at(-1)!)?.imports.map((one) => one.file))) {
      if (next === file) return way;
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return null;
}

test('imports make no circle', () => {
  const circles = [...modules.keys()]
    .filter((file) => file.startsWith('src/'))
    .map((file) => circleOf(file))
    .filter((circle) => circle !== null);
  expect([...new Map(circles.map((circle) => [circle.toSorted().join(), circle.join(' → ')])).values()]).toEqual([]);
});
