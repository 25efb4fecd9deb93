/** The actions of `coldstart lab`. */

/** Actions on one machine. */
const FAULTS = ['start', 'kill', 'pause', 'resume', 'partition', 'heal', 'wipe'] as const;
/** Runs the supervisor; not for users. */
export const SUPERVISE = 'supervise';
export const LAB_ACTIONS = ['up', 'status', 'console', 'down', ...FAULTS] as const;

export type LabAction = (typeof LAB_ACTIONS)[number] | typeof SUPERVISE;
