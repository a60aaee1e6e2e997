/** Chance that is the same at every run. */

/** Return a source of numbers from 0 up to 1. @param {number} seed @returns {import('../tickets.js').Chance} */
export function seeded(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Return a source that gives these numbers, one after the other. @param {...number} numbers */
export function given(...numbers) {
  const left = [...numbers]
  return () => {
    const next = left.shift()
    if (next === undefined) throw new Error('more was drawn than was given')
    return next
  }
}
