/** What apt's sources say: of a `deb` line its suite and components, a URL leaves both to the build (sources.list(5)). */

/** Debian's section of firmware and microcode, since bookworm. */
export const FIRMWARE_COMPONENT = 'non-free-firmware';

/** The suite and components of a `deb` line; undefined for a URL. */
export function readDebLine(
  source: string,
): { readonly suite: string; readonly components: readonly string[] } | undefined {
  const [, rest] = /^deb +(?:\[[^\]]*\] +)?(.+)$/.exec(source) ?? [];
  const [, suite = '', ...components] = rest?.split(/ +/) ?? [];
  return rest === undefined ? undefined : { suite, components };
}

/** Whether firmware can come from these sources, as far as they say themselves where it would be. */
export function mayHaveFirmware(sources: readonly string[]): boolean {
  if (sources.length === 0) return true;
  return sources.some((source) => readDebLine(source)?.components.includes(FIRMWARE_COMPONENT) ?? true);
}
