/** Text for the page. The template escapes it; here it becomes text that HTML can hold. Pure. */
import type { Sentence } from '../../usecases/review/sentence.ts';

/** In one line, without control characters and halves of characters. */
export const printable = (text: string): string =>
  Buffer.from(text)
    .toString()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

export const sentenceView = (sentence: Sentence) =>
  sentence.map((part) =>
    typeof part === 'string' ? { text: part, isValue: false } : { text: printable(part.value), isValue: true },
  );

/** Text with values in backticks, as in diagnostics. */
export const withValues = (text: string) =>
  printable(text)
    .split('`')
    .map((part, index) => ({ text: part, isValue: index % 2 === 1 }))
    .filter((part) => part.text !== '');
