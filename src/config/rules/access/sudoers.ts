/** Rule: a file of the user in the place of `/etc/sudoers` still lets sudo read our own rules in `/etc/sudoers.d`. */
import { placedFiles } from '../files/placed-files.ts';
import type { Rule } from '../rule.ts';

/** sudoers(5), "Including other files from within sudoers". */
const INCLUDES = /^\s*[#@]include(dir)?\s+"?(\/etc\/)?sudoers\.d\b/m;

const sudoWorks: Rule = {
  name: 'users with `sudo: true` can use sudo',
  check: (cluster, facts, report) => {
    for (const { path, text, nodes, place } of placedFiles(cluster, facts)) {
      if (path !== '/etc/sudoers' || text === undefined || INCLUDES.test(text)) continue;
      // A rule for a user or one of its groups may allow the same.
      const rules = text.split('\n').filter((line) => !/^\s*#(?!\d)/.test(line));
      const words = new Set(rules.flatMap((line) => line.split(/[\s,=]+/)));
      const isNamed = (name: string, groups: readonly string[]): boolean =>
        [name, `%${name}`, 'ALL', ...groups.map((group) => `%${group}`)].some((one) =>
          one === 'ALL' ? rules.some((line) => /^\s*ALL\s/.test(line)) : words.has(one),
        );
      const losing = new Set(
        nodes.flatMap(({ users }) =>
          users.flatMap(({ name, groups, sudo }) => (sudo && name !== 'root' && !isNamed(name, groups) ? [name] : [])),
        ),
      );
      for (const name of losing) report.add('user/no-sudo', { name }, place(0));
    }
  },
};

export const sudoersRules: readonly Rule[] = [sudoWorks];
