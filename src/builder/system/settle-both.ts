/**
 * Waits for two pieces of work that run side by side, for both even where one fails, so that nothing goes on behind the
 * back of whoever tidies up. @throws what the first of them threw, or else the second
 */
export async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [one, other] = await Promise.allSettled([first, second]);
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
}
