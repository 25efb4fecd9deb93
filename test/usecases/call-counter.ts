/** Counts how often each function and block of ours runs, in this process. V8 counts, so the load of the machine changes nothing. */
import { Session } from 'node:inspector/promises';

/** By `file:offset function`. */
export type Counts = ReadonlyMap<string, number>;

export class CallCounter {
  readonly #session = new Session();

  /** Functions that were optimised before are counted, too. https://chromedevtools.github.io/devtools-protocol/v8/Profiler/ */
  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** The counts since the last call. */
  async take(): Promise<Counts> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const counts = new Map<string, number>();
    for (const { url, functions } of result.filter((script) => script.url.includes('/src/'))) {
      const file = url.slice(url.lastIndexOf('/src/') + 1).replace(/\?.*/, '');
      for (const { functionName, ranges } of functions) {
        for (const { startOffset, count } of ranges)
          counts.set(`${file}:${String(startOffset)} ${functionName}`, count);
      }
    }
    return counts;
  }

  stop(): void {
    this.#session.disconnect();
  }
}
