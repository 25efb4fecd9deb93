/**
 * What a boot loader tells the kernel of a node. Each medium holds it in `boot/grub/node.cfg`: GRUB reads the file as a script, and
 * the initial RAM disk compares its image with the one on the kernel's command line (`scripts/base-layer/medium.sh`).
 */

export interface BootSettings {
  readonly node: string;
  /** Digest of all inputs of the node's image, as in `manifest.json`. */
  readonly image: string;
  /** The mark of this node's state disk (`diskId`), where an installed system may be; empty without state disk. */
  readonly disk: string;
  readonly kernelArgs: readonly string[];
}

/** The settings as a script for GRUB. `src/config` refuses all characters that GRUB would expand. */
export function nodeConfig({ node, image, disk, kernelArgs }: BootSettings): string {
  const settings = { name: node, image, disk, kernel_args: kernelArgs.join(' ') };
  return Object.entries(settings)
    .map(([name, value]) => `set node_${name}='${value}'\n`)
    .join('');
}

/** Reads what {@link nodeConfig} wrote, also in images of versions that knew no installed systems. Null if it is something else. */
export function parseNodeConfig(text: string): BootSettings | null {
  const form =
    /^set node_name='([^']*)'\nset node_image='([^']*)'\n(?:set node_disk='([^']*)'\n)?set node_kernel_args='([^']*)'\n/;
  const [, node, image, disk = '', args] = form.exec(text) ?? [];
  if (node === undefined || image === undefined || args === undefined) return null;
  return { node, image, disk, kernelArgs: args.split(' ').filter((word) => word !== '') };
}

/** The arguments by which a node and its image are known, as in `scripts/base-layer/grub.cfg`. */
export const identityArgs = ({ node, image }: BootSettings): string =>
  `coldstart.image=${image} coldstart.node=${node}`;
