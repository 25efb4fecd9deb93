/** A sentence for people: its own words, and values of the user, which each notation (Markdown, HTML) escapes in its own way. Pure. */

export type Sentence = readonly (string | Value)[];

/** A name or value of the user. */
interface Value {
  readonly value: string;
}

/** The longest value; a whole file would make no sentence. */
const LONGEST = 60;

/** A template for sentences: what it embeds is a value of the user, or a part of a sentence. E.g. `` say`label ${name} added` ``. */
export function say(words: TemplateStringsArray, ...embedded: readonly (Sentence | string)[]): Sentence {
  return words
    .flatMap((word, index): Sentence => {
      const value = embedded[index];
      return [word, ...(value === undefined ? [] : typeof value === 'string' ? [{ value: shortened(value) }] : value)];
    })
    .filter((part) => part !== '');
}

/** Sentences in a row. */
export const joined = (sentences: readonly Sentence[], separator: string): Sentence =>
  sentences.flatMap((sentence, index) => (index === 0 ? sentence : [separator, ...sentence]));

/** In one line, without control characters. */
function shortened(value: string): string {
  const line = value.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/** Whether two sentences say the same. */
export const keyOf = (sentence: Sentence): string => JSON.stringify(sentence);
