/** A page of the documentation on a terminal. Knows what `scripts/docs/diagnostics-pages.ts` writes. */

/** Without the marks of Markdown: fenced parts are indented, links to other pages and comments left out. */
export function plainPage(page: string): string {
  let isFenced = false;
  const lines = page.split('\n').flatMap((line) => {
    if (/^`{3,}/.test(line)) {
      isFenced = !isFenced;
      return [];
    }
    if (isFenced) return line === '' ? '' : `    ${line}`;
    if (line.startsWith('<!--') || /^\[.*\]\(.*\)$/.test(line)) return [];
    return line.replace(/^#+ /, '').replaceAll('**', '');
  });
  return `${lines.join('\n').replace(/\n{3,}/g, '\n\n').trimEnd()}\n`; // prettier-ignore
}
