/** The shells with completion; each has its script in `scripts/completion/`. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];
