/** The words of a table, which is written as lines of them. */
export const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));
