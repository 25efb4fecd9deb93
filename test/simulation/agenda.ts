/** The planned events and their times. Of two events at the same time, the one that was planned first comes first. */
interface Event {
  readonly at: number;
  readonly run: () => void | Promise<void>;
}

export class Agenda {
  /** Seconds. */
  now = 0;
  readonly #events: Event[] = [];

  /** In `delay` seconds. */
  plan(delay: number, run: Event['run']): void {
    this.#events.push({ at: this.now + delay, run });
  }

  /** Takes the next event out; its time is now. Null when there is none before `limit`. */
  next(limit: number): Event | null {
    let first = 0;
    this.#events.forEach(({ at }, index) => {
      if (at < this.#events[first]!.at) first = index;
    });
    const event = this.#events[first];
    if (event === undefined || event.at > limit) return null;
    this.#events.splice(first, 1);
    this.now = event.at;
    return event;
  }
}
