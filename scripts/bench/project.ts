/** Where the project lies. */
export const PROJECT = new URL('../../', import.meta.url).pathname;
