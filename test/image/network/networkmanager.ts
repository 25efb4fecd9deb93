/** Scripts that query the NetworkManager of the base layer, each with the function that starts it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param name of the script beside this file */
export function networkManagerScript(name: string): string {
  const texts = ['start-networkmanager.sh', name].map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
  return texts.join('\n');
}
