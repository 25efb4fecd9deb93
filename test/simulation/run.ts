/** A running script of the simulation: its caller, and the event that it waits for. */
import type { Script } from './shell.ts';
import type { Topic } from './world.ts';

export class Run {
  /** What it has asked about since it last slept. */
  readonly topics = new Set<Topic>();
  /** How often in a row it slept and nothing changed. */
  undisturbed = 0;
  /** What a watch has told it last. */
  heard: object | null = null;
  /** Something that it has asked about has changed. */
  wake: () => void = () => undefined;

  readonly script: Script;
  readonly by: Run | null;

  /** For how many seconds at most it sleeps while nothing changes; longer for what runs all the time. */
  get patience(): number {
    return this.script.name === 'cluster-peers.sh' ? 600 : 60;
  }

  constructor(script: Script, by: Run | null) {
    this.script = script;
    this.by = by;
  }

  /** The script that was called by no other. */
  get root(): Run {
    return this.by?.root ?? this;
  }

  concerns(changed: ReadonlySet<Topic>): boolean {
    return [...this.topics].some((topic) => changed.has(topic));
  }
}
