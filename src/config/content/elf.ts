/** Reads the first bytes of a program or library: elf(5). */

/** The number of bytes to read. */
export const ELF_START = 20;

/** The architecture of nodes: `EM_X86_64`. */
export const X86_64 = 62;

const MACHINES: Readonly<Record<number, string>> = {
  3: '32-bit x86',
  40: '32-bit ARM',
  [X86_64]: 'x86-64',
  183: 'ARM64',
  243: 'RISC-V',
};

/** The architecture of an ELF file, `e_machine`; null for every other file. */
export function elfMachine(start: Buffer): number | null {
  if (start.length < ELF_START || !start.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return null;
  return start[5] === 2 ? start.readUInt16BE(18) : start.readUInt16LE(18);
}

export const machineName = (machine: number): string => MACHINES[machine] ?? `another machine (${String(machine)})`;
