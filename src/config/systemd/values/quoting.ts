/** Splits a value into words, as systemd.syntax(7), "Quoting", says; extract_first_word() in systemd's source. */

/** The words without their quotes; undefined when a quote is not closed. A `\` keeps what follows it. */
export function splitWords(value: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < value.length; index++) {
    const character = value[index] ?? '';
    if (character === '\\') word = `${word ?? ''}${value[++index] ?? ''}`;
    else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (/["']/.test(character)) {
      quote = character;
      word ??= '';
    } else if (!/\s/.test(character)) word = `${word ?? ''}${character}`;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}
