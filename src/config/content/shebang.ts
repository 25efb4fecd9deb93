/**
 * The first line of a script as Linux reads it. Sources: execve(2), "Interpreter scripts"; fs/binfmt_script.c: the kernel reads
 * the first 256 bytes, and takes all text after the first blank as one argument.
 */

/** The interpreter and its argument, or the fault of the first line as the end of "… cannot be run: ". */
type Shebang =
  | { readonly interpreter: string; readonly argument: string; readonly fault?: undefined }
  | { readonly fault: string; readonly hint?: string };

/** Bytes that the kernel reads (include/uapi/linux/binfmts.h, BINPRM_BUF_SIZE). */
const READ = 256;

const START = 'start it with `#!/bin/bash`';

/** The interpreter of a script, or the reason why the script cannot run. */
export function readShebang(text: string): Shebang {
  const [first = ''] = text.split('\n');
  if (text.trim() === '') return { fault: 'it is empty', hint: START };
  if (!first.startsWith('#!')) return { fault: missing(text), hint: START };
  if (first.endsWith('\r')) return { fault: 'its lines end with CR LF, as on Windows', hint: CRLF_HINT };
  const [, interpreter = '', argument = ''] = /^#![ \t]*([^ \t]*)[ \t]*(.*?)[ \t]*$/.exec(first) ?? [];
  if (interpreter === '') return { fault: 'its first line names no interpreter', hint: START };
  if (!interpreter.startsWith('/')) return relative(interpreter);
  if (Buffer.byteLength(first) >= READ) return { fault: `its first line is longer than ${String(READ - 1)} bytes` };
  return { interpreter, argument };
}

export const CRLF_HINT = 'save it with LF alone: `sed -i "s/\\r$//" FILE`';

function missing(text: string): string {
  if (text.startsWith('\uFEFF')) return 'it starts with a byte order mark before its `#!`';
  if (/^\s+#!/.test(text)) return 'its `#!` is not at the start of the file';
  return 'it does not start with `#!`';
}

function relative(interpreter: string): Shebang {
  const name = interpreter.split('/').at(-1) ?? '';
  const hint = `write \`#!/usr/bin/env ${name}\`, or its absolute path`;
  return { fault: `its interpreter \`${interpreter}\` is not an absolute path`, hint };
}

interface Program {
  /** A path, or a name that is searched in `PATH`. */
  readonly name: string;
  readonly fault?: undefined;
}

/**
 * The program that runs a script: the interpreter, or the program that `env` starts. The kernel passes the rest of the line as
 * one argument; only `env -S` splits it (env(1)).
 */
export function programOf(
  interpreter: string,
  argument: string,
): Program | { readonly fault: string; readonly hint: string } {
  if (isShell(interpreter) || isPython(interpreter)) return direct(interpreter, argument);
  if (!/^(\/usr)?\/bin\/env$/.test(interpreter) || argument === '') return { name: interpreter };
  const words = argument.split(/[ \t]+/);
  const splits = /^(-[iv0]*S|--split-string)/.test(argument);
  if (words.length > 1 && !splits) {
    const fault = `\`env\` looks for a program with the name \`${argument}\`, including the blanks`;
    return { fault, hint: `write \`#!${interpreter} -S ${argument}\`` };
  }
  const name = argument
    .replace(/^(-[iv0]*S|--split-string[= ])\s*/, '')
    .split(/[ \t]+/)
    .find((word) => !word.startsWith('-') && !word.includes('='));
  return { name: name ?? interpreter };
}

const isPython = (program: string): boolean => /\/python[\d.]*$/.test(program);

/** Shells and Python do not split the kernel's single argument: they read `-e -u` as the options `e`, blank, `-` and so on. */
function direct(interpreter: string, argument: string): ReturnType<typeof programOf> {
  if (!/[ \t]/.test(argument)) return { name: interpreter };
  const fault = `Linux passes \`${argument}\` to \`${interpreter}\` as one argument, which is unknown`;
  return { fault, hint: `write \`#!/usr/bin/env -S ${interpreter} ${argument}\`` };
}

/** Whether a program is a shell. Shells read a CR at the end of a line as a part of the last word; Python and Perl do not. */
export const isShell = (program: string): boolean => /(^|\/)((ba|da|k|mk|z|fi|c|tc)?sh|busybox)$/.test(program);
