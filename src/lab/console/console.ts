/** The serial console of a machine, shared by any number of users: all see its output, each may type. */
import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { listen } from '../network/listen.ts';

interface SharedConsole {
  /** Connects the machine's serial port, once QEMU has called. */
  readonly attach: (serial: Socket) => void;
}

/** Characters of earlier output that a newly connected user sees. */
const KEPT = 2048;

/** @param record receives all output */
export async function openConsole(path: string, record: (text: string) => void): Promise<SharedConsole> {
  const people = new Set<Socket>();
  let machine: Socket | null = null;
  let past = '';
  await listen(path, (person) => {
    people.add(person);
    person.write(past);
    person.on('data', (typed) => machine?.write(typed));
    person.on('close', () => people.delete(person));
  });
  return {
    attach: (serial) => {
      machine = serial;
      const decoder = new StringDecoder('utf8');
      serial.on('data', (chunk) => {
        const text = decoder.write(chunk);
        past = (past + text).slice(-KEPT);
        record(text);
        for (const person of people) person.write(chunk);
      });
      serial.on('close', () => {
        if (machine === serial) machine = null;
      });
    },
  };
}
