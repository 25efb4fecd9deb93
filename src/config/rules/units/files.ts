/** Rules about files that systemd or the kernel reads as units and scripts, from `files` and from overlays. */
import { machineName, X86_64 } from '../../content/elf.ts';
import { proveUnit } from '../../systemd/prove.ts';
import { isNeeded } from './needed-units.ts';
import { placedFiles } from '../files/placed-files.ts';
import { replacedWrongly } from '../files/replaced-programs.ts';
import type { Rule } from '../rule.ts';
import { scriptFault } from '../files/scripts.ts';
import { lacksUnit, unitsOf } from './world.ts';
import { UNIT_PATH } from './written-units.ts';

const unitFiles: Rule = {
  name: 'a file that is a unit is one that systemd loads',
  check: (cluster, facts, report) => {
    for (const { path, text, nodes, place } of placedFiles(cluster, facts)) {
      const [, name, dropIn] = UNIT_PATH.exec(path) ?? [];
      if (name === undefined || text === undefined) continue;
      if (dropIn === undefined && (text === '' || isNeeded(name, nodes))) continue;
      for (const { line, weight, reason, hint } of proveUnit(name, text, dropIn !== undefined)) {
        const code = weight === 'refused' ? 'unit/refused' : 'unit/ignored-line';
        report.add(code, { name, reason }, { ...place(line), hint });
      }
    }
  },
};

/** A link in one of these folders starts the unit with the link's name. @see systemd.unit(5), `Wants=` */
const START = /^\/(?:etc|usr\/local\/lib|usr\/lib)\/systemd\/system\/([^/]+\.(?:wants|requires|upholds)\/([^/]+))$/;

const startingLinks: Rule = {
  name: 'a link that starts a unit has one to start',
  check: (cluster, facts, report) => {
    for (const { path, target, nodes, at } of placedFiles(cluster, facts)) {
      const [, name, other] = START.exec(path) ?? [];
      if (name === undefined || other === undefined || target === null || target === '/dev/null') continue;
      const isLacking = nodes.some((node) => lacksUnit(other, unitsOf(node, facts)));
      if (isLacking) report.add('unit/starts-nothing', { name, other }, { at });
    }
  },
};

const runnableFiles: Rule = {
  name: 'a file that is a script or a program can be run',
  check: (cluster, facts, report) => {
    for (const file of placedFiles(cluster, facts)) {
      const { path, text = '', isProgram, machine, nodes, place } = file;
      if (isProgram && machine !== null && machine !== X86_64 && replacedWrongly(file) === undefined) {
        const hint = 'use the program for `amd64` or `x86_64`, or remove the execute bits from its mode';
        report.add('file/cannot-run', { path, reason: `it is for ${machineName(machine)}` }, { ...place(0), hint });
      }
      if (!isProgram || !/^\uFEFF?\s*#!/.test(text)) continue;
      for (const node of nodes) {
        const fault = scriptFault(node, text, facts);
        if (fault === undefined) continue;
        const { line, reason, hint } = fault;
        report.add('file/cannot-run', { path, reason }, { ...place(line), hint });
      }
    }
  },
};

export const unitFileRules: readonly Rule[] = [unitFiles, startingLinks, runnableFiles];
