/** The checksum in age's recipients. It detects every error in up to four characters (BIP 173, Bech32). */

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Whether a lower-case text of the form `prefix1data` ends with the checksum of the text before it. */
export function hasBech32Checksum(text: string): boolean {
  const end = text.lastIndexOf('1');
  const prefix = [...text.slice(0, end)].map((letter) => letter.charCodeAt(0));
  const data = [...text.slice(end + 1)].map((letter) => ALPHABET.indexOf(letter));
  const values = [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data];
  return data.every((value) => value >= 0) && values.reduce(next, 1) === 1;
}

function next(checksum: number, value: number): number {
  const top = checksum >>> 25;
  const shifted = ((checksum & 0x1ffffff) << 5) ^ value;
  return GENERATOR.reduce((sum, part, bit) => ((top >> bit) & 1 ? sum ^ part : sum), shifted);
}
