/** Reads apt's sources: a `deb` line has a suite and components; for a URL, the build chooses both (sources.list(5)). */

/** Debian's component with firmware and microcode, since bookworm. */
export const FIRMWARE_COMPONENT = 'non-free-firmware';

/** The suite and components of a `deb` line; undefined for a URL. */
export function readDebLine(
  source: string,
): { readonly suite: string; readonly components: readonly string[] } | undefined {
  const [, rest] = /^deb +(?:\[[^\]]*\] +)?(.+)$/.exec(source) ?? [];
  const [, suite = '', ...components] = rest?.split(/ +/) ?? [];
  return rest === undefined ? undefined : { suite, components };
}

/** Whether these sources may contain firmware. True for URLs, because the build chooses their components. */
export function mayHaveFirmware(sources: readonly string[]): boolean {
  if (sources.length === 0) return true;
  return sources.some((source) => readDebLine(source)?.components.includes(FIRMWARE_COMPONENT) ?? true);
}
