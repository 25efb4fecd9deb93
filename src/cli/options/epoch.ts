/** `SOURCE_DATE_EPOCH`. */
import { UsageError } from '../../usecases/usage.ts';

/**
 * Modification time of the files in an image, seconds since 1970: https://reproducible-builds.org/specs/source-date-epoch/
 * @throws UsageError unless the value is a whole number
 */
export function epochFrom(value: string | undefined, fallback: number): number {
  if (value === undefined || value === '') return fallback;
  if (/^\d{1,10}$/.test(value)) return Number(value);
  throw new UsageError(`SOURCE_DATE_EPOCH is \`${value}\`, but has to be a whole number of seconds since 1970.`);
}
