/** The path of the project. */
export const PROJECT = new URL('../../', import.meta.url).pathname;
