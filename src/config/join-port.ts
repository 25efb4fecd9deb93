/** The default TCP port of the join service: the one after the usual port of the API servers, or that one if it is free. */
export const defaultJoinPort = (apiPort: number): number => (apiPort === 6444 ? 6443 : 6444);
