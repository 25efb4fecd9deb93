/** What QEMU needs from its host: KVM if the processor supports it, and firmware files for UEFI. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { environmentError } from '../../builder/system/errors.ts';
import { quoted } from './args.ts';

export type Firmware = 'bios' | 'uefi' | 'secure-boot';

/** Where Debian and Ubuntu's package `ovmf` puts the firmware. */
const OVMF = '/usr/share/OVMF';

/** Whether KVM works. The CPU has to report it, too: with /dev/kvm alone the guest may hang. */
export function isAccelerated(): boolean {
  return /\b(vmx|svm)\b/.test(readFileSync('/proc/cpuinfo', 'utf8')) && isWritable('/dev/kvm');
}

/**
 * QEMU's `qemu64` with the missing features of x86-64-v2, which every server has had since 2010, and with the instructions for
 * ciphers. Without x86-64-v2 Ceph's programs end with an illegal instruction; the ciphers make TLS faster. CPU models with more
 * features make Linux apply workarounds for CPU vulnerabilities, which slow an emulator down.
 * https://gitlab.com/x86-psABIs/x86-64-ABI (microarchitecture levels)
 */
const EMULATED = ['qemu64', '+ssse3', '+sse4.1', '+sse4.2', '+popcnt', '+lahf_lm', '+pclmulqdq', '+aes'].join(',');

export function acceleratorArgs(): string[] {
  return isAccelerated() ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', EMULATED];
}

/**
 * Default number of processors of a machine. One only under emulation: with several threads (QEMU 7.2), Linux sometimes panics
 * in its code patching (text_poke), and QEMU sometimes crashes at a reboot.
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
 * @param variables file for UEFI's persistent settings; copied from Debian's template if it does not exist
 * @throws BuildError exit 4 when Debian's firmware is not installed
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
