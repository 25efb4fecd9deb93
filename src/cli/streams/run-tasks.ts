/** Runs a list of tasks and shows their progress on stderr. */
import {
  DefaultRenderer,
  Listr,
  ListrLogger,
  ListrTaskEventType,
  ListrTaskState,
  ProcessOutput,
  type ListrRendererFactory,
  type ListrTask,
  type ListrTaskObject,
} from 'listr2';
import { chooseProgress, formatEvent, type ProgressEvent } from './progress.ts';
import type { LogMode, Session } from '../session.ts';

type AnyTask = ListrTaskObject<unknown>;

/**
 * Runs the tasks in order on one context.
 * @throws the error of the first task that fails
 */
export async function runTasks<T extends object>(
  tasks: ListrTask<T>[],
  context: T,
  { session, log }: { readonly session: Session; readonly log: LogMode },
): Promise<T> {
  const form = chooseProgress(log, session.stderr, session.env);
  const options = { ctx: context, exitOnError: true, registerSignalListeners: false };
  if (form === 'silent') return new Listr(tasks, { ...options, renderer: 'silent' }).run();
  if (form === 'live') {
    const logger = new ListrLogger({
      useIcons: true,
      processOutput: new ProcessOutput(process.stderr, process.stderr),
    });
    const renderer = StderrRenderer as unknown as typeof DefaultRenderer;
    return new Listr(tasks, { ...options, renderer, rendererOptions: { logger, collapseSubtasks: false } }).run();
  }
  const began = session.clock();
  const renderer = lineRenderer((event) => {
    const seconds = Math.round(session.clock() - began) / 1000;
    session.stderr.write(`${formatEvent({ ...event, seconds }, form)}\n`);
  });
  return new Listr(tasks, { ...options, renderer: renderer as never }).run();
}

/** listr2 checks whether stdout is a terminal, although it draws on stderr; stdout may be a pipe. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true as unknown as false;
}

type Tell = (event: Omit<ProgressEvent, 'seconds'>) => void;

/** listr2 needs a class; a new one is made for each run, because it refers to `tell`. */
function lineRenderer(tell: Tell): ListrRendererFactory {
  return class {
    static readonly nonTTY = true;
    static readonly rendererOptions = {};
    static readonly rendererTaskOptions = {};
    readonly tasks: readonly AnyTask[];
    constructor(tasks: readonly AnyTask[]) {
      this.tasks = tasks;
    }
    render(): void {
      this.tasks.forEach((task) => follow(task, [], tell));
    }
    end(): void {
      // Every line has already been written.
    }
  };
}

function follow(task: AnyTask, above: readonly string[], tell: Tell): void {
  const step = (): string[] => [...above, ...(task.title === undefined ? [] : [task.title])];
  task.on(ListrTaskEventType.SUBTASK, (subtasks) => {
    subtasks.forEach((subtask) => follow(subtask as AnyTask, step(), tell));
  });
  task.on(ListrTaskEventType.OUTPUT, (output) => {
    const lines = output.split('\n').filter((line) => line.trim() !== '');
    lines.forEach((message) => tell({ state: 'output', step: step(), message }));
  });
  task.on(ListrTaskEventType.STATE, (state) => {
    if (state === ListrTaskState.STARTED) tell({ state: 'started', step: step() });
    if (state === ListrTaskState.COMPLETED) tell({ state: 'done', step: step() });
    if (state === ListrTaskState.FAILED) tell({ state: 'failed', step: step() });
  });
  task.on(ListrTaskEventType.MESSAGE, ({ skip }) => {
    if (skip !== undefined) tell({ state: 'skipped', step: step(), message: skip });
  });
}
