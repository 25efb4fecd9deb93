/** Splits a value into words. Sources: systemd.syntax(7), "Quoting"; extract_first_word() in systemd's source. */

/** The words without their quotes; undefined if a quote is not closed. A `\` keeps the next character. */
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
