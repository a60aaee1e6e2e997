/** Reading numbers that somebody has typed. Pure. */

export interface Read {
  /** Null where it is none that can be taken. */
  readonly value: number | null
  /** Why it cannot be taken, for the field; '' where it can. */
  readonly error: string
}

/** A whole number between two bounds, both included. */
export function readWhole(typed: string | number, least: number, most: number): Read {
  const text = String(typed).trim()
  const value = Number(text)
  if (text === '') return { value: null, error: 'A number is needed.' }
  if (!/^-?\d+$/.test(text)) return { value: null, error: 'This must be a whole number.' }
  if (value < least || value > most) return { value: null, error: `This must be ${spanned(least, most)}.` }
  return { value, error: '' }
}

/** As readWhole, but what is left empty is no error: its value is null. */
export function readWholeOrNone(typed: string | number, least: number, most: number): Read {
  return String(typed).trim() === '' ? { value: null, error: '' } : readWhole(typed, least, most)
}

const count = new Intl.NumberFormat('en-GB')

function spanned(least: number, most: number): string {
  return `from ${count.format(least)} to ${count.format(most)}`
}
