/** Latencies by size: ten buckets for each doubling, so that a bucket's bounds lie 7 % apart. */

const PER_DOUBLING = 10

/**
 * Return the upper bound of the bucket that a latency falls into, in whole microseconds: the least of
 * ceil(2^(n/10)), n = 0, 1, 2, ..., that is not below it. What took no time counts as 1.
 * @param {number} microseconds
 */
export function bucketOf(microseconds) {
  const exponent = Math.ceil(Math.log2(Math.max(1, microseconds)) * PER_DOUBLING - 1e-9)
  const bound = boundOf(exponent)
  return exponent > 0 && boundOf(exponent - 1) >= microseconds ? boundOf(exponent - 1) : bound
}

/** @param {number} exponent */
function boundOf(exponent) {
  return Math.ceil(2 ** (exponent / PER_DOUBLING) - 1e-9)
}
