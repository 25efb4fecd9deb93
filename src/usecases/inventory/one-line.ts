/** A machine's firmware, disks and switches say anything; a comment ends at the end of its line. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 300);
