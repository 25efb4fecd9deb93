/** The words after `coldstart lab`. */

/** What can happen to a machine. */
const FAULTS = ['start', 'kill', 'pause', 'resume', 'partition', 'heal', 'wipe'] as const;
/** Of the lab's own process; not for people. */
export const SUPERVISE = 'supervise';
export const LAB_ACTIONS = ['up', 'status', 'console', 'down', ...FAULTS] as const;

export type LabAction = (typeof LAB_ACTIONS)[number] | typeof SUPERVISE;
