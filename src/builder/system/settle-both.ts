/**
 * Waits for two parallel pieces of work, for both even if one fails, so that neither still runs while the caller cleans up.
 * @throws the error of the first, or else that of the second
 */
export async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [one, other] = await Promise.allSettled([first, second]);
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
}
