/** What QEMU needs of the machine it runs on: acceleration where the processor really has it, firmware files for UEFI. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { environmentError } from '../../builder/system/errors.ts';
import { quoted } from './args.ts';

export type Firmware = 'bios' | 'uefi' | 'secure-boot';

/** Where Debian and Ubuntu's package `ovmf` puts the firmware. */
const OVMF = '/usr/share/OVMF';

/** Whether there is KVM. Only where the CPU says so, too: a present /dev/kvm alone may hang the guest. */
export function isAccelerated(): boolean {
  return /\b(vmx|svm)\b/.test(readFileSync('/proc/cpuinfo', 'utf8')) && isWritable('/dev/kvm');
}

/**
 * What QEMU's plain processor lacks of x86-64-v2, as every server has had it since 2010, and the instructions for ciphers:
 * Ceph's programs end at an illegal instruction without them, and TLS is faster. Of models with more, Linux believes that
 * they have flaws to be worked around, which costs an emulator much.
 * https://gitlab.com/x86-psABIs/x86-64-ABI (microarchitecture levels)
 */
const EMULATED = ['qemu64', '+ssse3', '+sse4.1', '+sse4.2', '+popcnt', '+lahf_lm', '+pclmulqdq', '+aes'].join(',');

export function acceleratorArgs(): string[] {
  return isAccelerated() ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', EMULATED];
}

/**
 * Processors of a machine, where nobody asks for more. Emulated by several threads (QEMU 7.2), Linux now and then trips over
 * its own live patching (text_poke) and panics, and QEMU itself over a reboot.
 */
export function usualProcessors(): number {
  return isAccelerated() ? 2 : 1;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param variables file for the settings that UEFI keeps; made from Debian's when it is not there yet
 * @throws BuildError exit 4 without Debian's firmware
 */
export async function firmwareArgs(firmware: Firmware, variables: string): Promise<string[]> {
  if (firmware === 'bios') return ['-machine', 'q35'];
  const secure = firmware === 'secure-boot';
  const suffix = secure ? '_4M.ms.fd' : '_4M.fd';
  const code = `${OVMF}/OVMF_CODE${suffix}`;
  if (!existsSync(code)) {
    throw environmentError(`Could not find \`${code}\`, which is needed to boot by UEFI.`, 'install the package ovmf');
  }
  if (!existsSync(variables)) await copyFile(`${OVMF}/OVMF_VARS${suffix}`, variables);
  return [
    ...['-machine', secure ? 'q35,smm=on' : 'q35'],
    ...(secure ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${code}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${quoted(variables)}`],
  ];
}
