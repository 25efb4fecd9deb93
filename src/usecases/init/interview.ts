/** Asks for what is not known yet. Each answer is checked at once, by the rules of `check`; a wrong one is asked again. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { UsageError } from '../usage.ts';
import { type Known, listOf, type Machine } from './answers.ts';
import { definitionOf, type WholeAnswers } from './definition.ts';
import { loadNew } from './faults.ts';
import { QUESTIONS, type Question, type Surroundings, VIRTUAL_IP } from './questions.ts';
import { freeAddress, takenBy, withStandIns } from './stand-ins.ts';

/** The person at the terminal. */
export interface Person {
  /** Returns the answer without blanks around it; the suggestion for an empty line. @throws Error when there will be no answer */
  readonly ask: (text: string, suggestion: string | undefined) => Promise<string>;
  readonly say: (line: string) => void;
}

/** Of one answer, e.g. of a file that is no file of keys. */
const MOST_FAULTS = 3;

type Step = (text: string) => Promise<Known> | Known;

export class Interview {
  readonly #person: Person;
  readonly #around: Surroundings;
  /** Warnings that the person has already seen, or that come from the stand-ins. */
  readonly #said = new Set<string>();

  constructor(person: Person, around: Surroundings) {
    this.#person = person;
    this.#around = around;
  }

  /** Completes what is known. */
  async complete(given: Known): Promise<WholeAnswers> {
    for (const warning of await problems(given)) this.#said.add(warning.message);
    let known = given;
    for (const question of QUESTIONS) known = await this.#settle(question, known);
    for (const role of ['masters', 'workers'] as const) known = await this.#machines(role, known);
    known = await this.#settle(VIRTUAL_IP, known);
    return withStandIns({ virtualIp: '', ...known });
  }

  async #settle(question: Question, known: Known): Promise<Known> {
    if (known[question.key] !== undefined || question.isAsked?.(known) === false) return known;
    const suggestion = question.suggest(known, this.#around);
    return this.#answer(question.text, suggestion, known, async (text) => ({
      ...known,
      ...(await question.read(text, this.#around)),
    }));
  }

  async #machines(role: 'masters' | 'workers', known: Known): Promise<Known> {
    const noun = role === 'masters' ? 'master' : 'worker';
    let next = known;
    if (next[role] === undefined) {
      const [text, usual] =
        role === 'masters'
          ? ['How many masters? 1, 3 or 5', '1']
          : ['How many workers? (0: the masters do their work)', '2'];
      next = await this.#answer(text, usual, next, (answer) => ({ ...next, [role]: blanks(answer) }));
    }
    for (const [index] of (next[role] ?? []).entries()) {
      for (const part of PARTS) {
        const machine = next[role]?.[index] ?? {};
        if (machine[part.key] !== undefined || part.isAsked?.(next) === false) continue;
        const suggestion = part.suggest(noun, index, next);
        const before = next;
        next = await this.#answer(part.text(machine.name ?? noun), suggestion, before, (text) =>
          withMachine(before, role, index, { ...machine, [part.key]: part.read(text) }),
        );
      }
    }
    return next;
  }

  /** Asks until an answer passes the check. */
  async #answer(text: string, suggestion: string | undefined, known: Known, step: Step): Promise<Known> {
    for (;;) {
      const answer = await this.#person.ask(text, suggestion);
      if (answer === '') {
        this.#person.say('  This needs an answer.');
        continue;
      }
      const next = await tried(() => step(answer));
      if (next instanceof UsageError) {
        this.#person.say(`  ${next.message}${next.hint === undefined ? '' : `\n  = hint: ${next.hint}`}`);
        continue;
      }
      if (await this.#passes(next)) return next;
    }
  }

  async #passes(known: Known): Promise<boolean> {
    const found = await problems(known);
    const errors = found.filter(({ severity }) => severity === 'error');
    const news = errors.length > 0 ? errors : found.filter(({ message }) => !this.#said.has(message));
    for (const { severity, message, hint } of news.slice(0, MOST_FAULTS)) {
      this.#person.say(`  ${severity}: ${message}${hint === undefined ? '' : `\n  = hint: ${hint}`}`);
      if (severity === 'warning') this.#said.add(message);
    }
    if (news.length > MOST_FAULTS) this.#person.say(`  and ${news.length - MOST_FAULTS} more`);
    return errors.length === 0;
  }
}

/** What `check` would say if the rest were sound. */
async function problems(known: Known): Promise<readonly Diagnostic[]> {
  return (await loadNew(definitionOf(withStandIns(known)))).diagnostics;
}

async function tried(step: () => Promise<Known> | Known): Promise<Known | UsageError> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

const MOST = 50;

function blanks(answer: string): readonly Partial<Machine>[] {
  const count = /^\d{1,4}$/.test(answer) ? Number(answer) : -1;
  if (count < 0 || count > MOST)
    throw new UsageError(
      `It has to be a number from 0 to ${MOST}.`,
      'a larger cluster is easier to write than to answer',
    );
  return Array.from({ length: count }, () => ({}));
}

function withMachine(known: Known, role: 'masters' | 'workers', index: number, machine: Partial<Machine>): Known {
  return { ...known, [role]: (known[role] ?? []).map((one, position) => (position === index ? machine : one)) };
}

interface Part {
  readonly key: keyof Machine;
  readonly text: (name: string) => string;
  readonly suggest: (role: string, index: number, known: Known) => string | undefined;
  readonly read: (text: string) => string | readonly string[];
  readonly isAsked?: (known: Known) => boolean;
}

const PARTS: readonly Part[] = [
  {
    ...{ key: 'name', text: (role) => `Name of this ${role}`, read: (text) => text },
    suggest: (role, index) => `${role}-${String(index + 1).padStart(2, '0')}`,
  },
  {
    ...{ key: 'macs', text: (name) => `MAC of the network card of ${name}`, read: listOf },
    suggest: () => undefined,
  },
  {
    ...{ key: 'ips', text: (name) => `Address of ${name}`, read: listOf },
    suggest: (_, __, known) => nextAddress(known),
  },
  {
    ...{ key: 'disk', read: (text) => (text === '-' ? '' : text), suggest: () => undefined },
    text: (name) => `State disk of ${name}: serial number, WWN, or path below /dev/disk/by-id/ (- for none)`,
  },
  {
    ...{ key: 'osds', read: (text) => (text === '-' ? [] : listOf(text)), suggest: () => '-' },
    text: (name) => `Disks of ${name} for Ceph, with blanks between them (- for none)`,
    isAsked: ({ ceph }) => ceph === true,
  },
];

/** The address after the last one that was said; the first one from .11 on. */
function nextAddress(known: Known): string | undefined {
  const [network = ''] = known.network ?? [];
  const taken = new Set(takenBy(known));
  const last = [...(known.masters ?? []), ...(known.workers ?? [])].flatMap(({ ips = [] }) => ips).at(-1);
  return freeAddress(network, taken, last ?? eleventh(network)) ?? freeAddress(network, taken);
}

const eleventh = (network: string): string => network.replace(/\.0\/\d+$/, '.11').replace(/::\/\d+$/, '::11');
