/** What the picture of a counter says is taken, told apart: '10 of 50 taken' says '0 of 50 taken' in part. */

/** Said where at least one is taken of so many, written as the page writes it. */
export function someTaken(of: string): RegExp {
  return new RegExp(`(^|\\D)[1-9][\\d,]*\\s*of ${of} taken`)
}

/** Said where none is taken of so many. */
export function noneTaken(of: string): RegExp {
  return new RegExp(`(^|[^\\d,])0 of ${of} taken`)
}
