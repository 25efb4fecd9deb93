/** Rules about SSH keys: each can log in, and is listed once. */
import { inspectKey, withoutComment } from '../../content/ssh-key.ts';
import { type Rule, repeats } from '../rule.ts';
import { writtenUsers } from './users.ts';

const usableKeys: Rule = {
  name: 'an SSH key is whole, of a type that the nodes take, and long enough',
  check: (_, facts, report) => {
    for (const { path, users } of writtenUsers(facts)) {
      users.forEach(({ name, ssh_keys: keys }, u) =>
        keys.forEach((key, k) => {
          const at = facts.at([...path, u, 'ssh_keys', k]);
          const { fault, weakBits } = inspectKey(key);
          if (fault !== undefined) report.add('user/unusable-key', { name, reason: fault }, { at });
          if (weakBits !== undefined) report.add('user/weak-key', { name, bits: weakBits }, { at });
        }),
      );
    }
  },
};

const keysOnce: Rule = {
  name: 'a user has each SSH key once',
  check: (_, facts, report) => {
    for (const { path, users } of writtenUsers(facts)) {
      users.forEach(({ name, ssh_keys: keys }, u) => {
        const placed = keys.map((key, k) => ({
          key: withoutComment(key),
          at: facts.at([...path, u, 'ssh_keys', k]),
        }));
        for (const { again, first } of repeats(placed, ({ key }) => key)) {
          const related = [{ message: 'first here', at: first.at }];
          report.add('user/repeated-key', { name }, { at: again.at, related });
        }
      });
    }
  },
};

export const sshKeyRules: readonly Rule[] = [usableKeys, keysOnce];
