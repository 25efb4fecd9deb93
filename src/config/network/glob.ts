/** Patterns of fnmatch(3), as systemd and NetworkManager use them for names of devices. */

/** Whether a text matches a pattern: `*` is any text, `?` one character, `[…]` one of several, `[!…]` one of all others. */
export function fits(text: string, pattern: string): boolean {
  const parts = pattern.match(/\[[!^]?[^\]]+\]|[^]/g) ?? [];
  const source = parts.map((part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace(/^\[[!^]/, '[^').replaceAll('\\', '\\\\');
    return part.replace(/[\\^$.|()[\]{}+]/, String.raw`\$&`);
  });
  return new RegExp(`^${source.join('')}$`).test(text);
}
