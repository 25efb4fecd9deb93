/** Shows the state of each node of a lab as a task, until every node has reached its final state or the time is up. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ListrTask } from 'listr2';
import { doingText, settled, type Settled } from '../../lab/console/node-status.ts';
import { call, type LabStatus, type NodeStatus } from '../../lab/supervisor/protocol.ts';
import type { Host } from '../host.ts';

/** Milliseconds between two requests for the state. */
const INTERVAL = 500;

/**
 * @param run folder of the lab
 * @param patience seconds
 * @returns whether every node reached its final state, as far as this version forms clusters
 */
export async function watchNodes(run: string, patience: number, host: Host): Promise<boolean> {
  const deadline = host.clock() + patience * 1000;
  const { nodes } = await call(run, { do: 'status' });
  const ends = new Map<string, Settled | 'timeout'>();
  const tasks = nodes.map(({ name }): ListrTask<object> => ({
    title: name,
    task: async (_, task) => {
      const end = await follow(name, (line) => (task.output = line));
      ends.set(name, end);
      if (end === 'stopped') task.skip(`${name}: powered off`);
      else if (end === 'timeout') task.skip(`${name}: not ready in time`);
    },
  }));
  const wait: ListrTask<object> = {
    title: 'Wait for the nodes',
    task: (_, task) => task.newListr(tasks, { concurrent: true }),
  };
  await host.runTasks([wait], {});
  return [...ends.values()].every((end) => end === 'formed' || end === 'not-available');

  async function follow(name: string, tell: (line: string) => void): Promise<Settled | 'timeout'> {
    let said = '';
    for (;;) {
      host.signal.throwIfAborted();
      const node = await look(name);
      const doing = doingText(node);
      if (doing !== said) tell(doing);
      said = doing;
      const end = settled(node);
      if (end !== null) return end;
      if (host.clock() > deadline) return 'timeout';
      await delay(INTERVAL);
    }
  }

  async function look(name: string): Promise<NodeStatus> {
    const status: LabStatus = await call(run, { do: 'status' });
    const node = status.nodes.find((one) => one.name === name);
    if (node === undefined) throw new Error(`the lab lost node ${name}`);
    return node;
  }
}
