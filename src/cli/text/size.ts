/** Formats sizes for users: `1.2 GiB`. */
const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** @param bytes not negative */
export function formatSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  if (power === 0) return `${bytes} bytes`;
  return `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`;
}
