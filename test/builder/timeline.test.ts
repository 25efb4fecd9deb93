import { expect, it } from 'vitest';
import { gaps, parseUnits } from '../../scripts/bench/timeline.ts';

const shown = `Id=etcd.service
InactiveExitTimestampMonotonic=61500000
ActiveEnterTimestampMonotonic=64000000

ActiveEnterTimestampMonotonic=60000000
InactiveExitTimestampMonotonic=60000000
Id=multi-user.target

Id=kubelet.service
InactiveExitTimestampMonotonic=70000000
ActiveEnterTimestampMonotonic=0
`;

it('reads when units began to start and when they had started, in any order of the properties', () => {
  const units = [
    { name: 'etcd.service', begin: 61.5, end: 64 },
    { name: 'multi-user.target', begin: 60, end: 60 },
  ];
  expect(parseUnits(shown)).toEqual(units);
  expect(parseUnits(shown.replaceAll('\n', '\r\n'))).toEqual(units); // as a serial console prints it
});

const at = (begin: number, end: number) => ({ name: '', begin, end });

it('finds the time in which nothing was starting, however the starts overlap', () => {
  const whole = { begin: -10, end: 100 };
  const starts = [at(40, 60), at(-10, 30), at(20, 35), at(50, 55), at(70, 90)];
  expect(gaps(whole, starts)).toEqual([
    { begin: 35, end: 40 },
    { begin: 60, end: 70 },
    { begin: 90, end: 100 },
  ]);
});

it('finds none where everything was busy to the end or beyond it, and all where nothing was', () => {
  expect(gaps({ begin: 0, end: 10 }, [at(0, 4), at(4, 10)])).toEqual([]);
  expect(gaps({ begin: 0, end: 10 }, [at(-5, 15), at(20, 30)])).toEqual([]);
  expect(gaps({ begin: 0, end: 10 }, [at(20, 30)])).toEqual([{ begin: 0, end: 10 }]);
  expect(gaps({ begin: 0, end: 10 }, [])).toEqual([{ begin: 0, end: 10 }]);
});
