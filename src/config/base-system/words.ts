/** The words of a text with words separated by blanks and line ends. */
export const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));
