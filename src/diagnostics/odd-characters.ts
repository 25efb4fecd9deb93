/** Characters that look like plain ones or are invisible; word processors, chats and web pages put them into texts. */

const NAMES: Readonly<Record<string, string>> = {
  '\u00a0': 'a non-breaking space',
  '\u202f': 'a narrow non-breaking space',
  '\u3000': 'a full-width space',
  '\u200b': 'a zero-width space',
  '\u200c': 'a zero-width character',
  '\u200d': 'a zero-width character',
  '\u2060': 'a zero-width character',
  '\ufeff': 'a byte order mark',
  '\u00ad': 'a soft hyphen',
  '\u2010': 'a hyphen that is not the plain one',
  '\u2011': 'a non-breaking hyphen',
  '\u2012': 'a figure dash',
  '\u2013': 'an en dash',
  '\u2014': 'an em dash',
  '\u2212': 'a minus sign that is not the plain one',
  '\u2018': 'a typographic quote',
  '\u2019': 'a typographic quote',
  '\u201a': 'a typographic quote',
  '\u201c': 'a typographic quote',
  '\u201d': 'a typographic quote',
  '\u201e': 'a typographic quote',
  '\u00ab': 'a typographic quote',
  '\u00bb': 'a typographic quote',
  '\u2022': 'a bullet',
  '\u00b7': 'a bullet',
  '\u2026': 'an ellipsis',
  '\uff1a': 'a full-width colon',
  '\uff0c': 'a full-width comma',
};

interface OddCharacter {
  /** Position in the text, in UTF-16 code units. */
  readonly index: number;
  readonly character: string;
  /** E.g. `an en dash (U+2013)`. */
  readonly name: string;
}

/** The first character of a text that is not ASCII; undefined when there is none. */
export function oddCharacter(text: string): OddCharacter | undefined {
  // eslint-disable-next-line no-control-regex -- all characters outside of ASCII
  const found = /[^\x00-\x7f]/u.exec(text);
  if (!found) return undefined;
  const [character] = found;
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES[character] ?? (/\p{L}/u.test(character) ? `the letter \`${character}\`` : `\`${character}\``);
  return { index: found.index, character, name: `${name} (${code})` };
}

/** Whether people write this character by accident, because it looks like a plain one. */
export const isLookalike = ({ character }: OddCharacter): boolean => Object.hasOwn(NAMES, character);
