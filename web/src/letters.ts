/**
 * Processes name themselves by 16 random hex digits, which nobody can tell apart at a glance. On the page each has a
 * letter and a colour, for as long as the view is open. Pure.
 */

export interface Mark {
  readonly letter: string
  /** Which of the page's colours for processes, from 1. */
  readonly hue: number
}

const HUES = 8
const LETTERS = 26

/** All processes seen so far, with new ones at the end: whoever has a letter keeps it. */
export function withProcesses(seen: readonly string[], processes: readonly string[]): readonly string[] {
  const added = processes.filter((process) => !seen.includes(process)).toSorted()
  return added.length === 0 ? seen : [...seen, ...added]
}

/** The marks of all processes seen, by their names. */
export function marksOf(seen: readonly string[]): ReadonlyMap<string, Mark> {
  return new Map(seen.map((process, index) => [process, { letter: letterAt(index), hue: (index % HUES) + 1 }]))
}

function letterAt(index: number): string {
  const last = String.fromCharCode(65 + (index % LETTERS))
  return index < LETTERS ? last : letterAt(Math.floor(index / LETTERS) - 1) + last
}
