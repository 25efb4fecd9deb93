/** A person at the serial console: logs in and types commands, one at a time. */
import type { Machine } from './machine.ts';

/** Runs a command on the guest and returns what it printed, trimmed; whether it succeeded is not asked. */
export type Shell = (command: string, seconds?: number) => Promise<string>;

/** A console that one can type into. */
type Typed = Pick<Machine, 'waitFor' | 'type'>;

export async function logIn(machine: Typed, user: string, password: string): Promise<Shell> {
  await askedForPassword(machine, user);
  machine.type(`${password}\n`);
  await machine.waitFor(/\$ /, 90);
  let count = 0;
  const shell: Shell = async (command, seconds = 90) => {
    count += 1;
    const mark = `mark-${String(count)}`;
    // The mark is put together on the guest, so that the echo of the command is not taken for its end.
    machine.type(`printf '%s' "begin-${mark}"; (${command}) 2>&1; printf '%s-%s\\n' end ${mark}\n`);
    const end = new RegExp(`begin-${mark}(?!")([\\s\\S]*?)end-${mark}`);
    return (await machine.waitFor(end, seconds))[1]?.trim() ?? '';
  };
  await shell('stty cols 1000; sudo dmesg --console-off; export PAGER=cat PATH=$PATH:/usr/sbin:/usr/local/bin');
  machine.type('export PAGER=cat PATH=$PATH:/usr/sbin:/sbin PS1="$ "\n');
  return shell;
}

/** A name that is typed while the prompt is drawn anew, as the ledger moves on, is lost: a person types it again. */
async function askedForPassword(machine: Typed, user: string, tries = 8): Promise<void> {
  machine.type(`${user}\n`);
  try {
    await machine.waitFor(/Password: /, 20);
  } catch (error) {
    if (tries <= 1) throw error;
    await askedForPassword(machine, user, tries - 1);
  }
}
