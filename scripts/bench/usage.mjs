/** Loaded into a measured process (`node --import`): writes its processor time and memory to a file at its end. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); // microseconds, KiB
  writeFileSync(
    process.env['BENCH_USAGE'],
    JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 }),
  );
});
