/**
 * What was heard, second by second, and how each buyer's story ended, as lines of JSON in a folder.
 *
 * Each of Artillery's threads writes two files of its own and only ever appends to them, a few times a second: a thread
 * that Artillery ends is not always asked to finish. Without a folder, nothing is kept. Nothing that is noted waits for a
 * disk.
 */

import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bucketOf } from './buckets.js'

const WRITE_MS = 250

/**
 * @typedef {object} Moment
 * @property {number} second
 * @property {Record<string, number>} counts
 * @property {Record<string, Record<string, number>>} latency_us
 * @property {Record<string, number>} reasons
 */

/** One second's counts, latencies by bucket, and the reasons of what was at fault. @param {number} second @returns {Moment} */
export function emptyMoment(second) {
  return { second, counts: {}, latency_us: {}, reasons: {} }
}

/** @param {Record<string, number>} counts @param {string | number} name */
export function addOne(counts, name, number = 1) {
  counts[name] = (counts[name] ?? 0) + number
}

export class Ledger {
  /** @param {string | undefined} folder @param {string} name of this thread among all that write there */
  constructor(folder, name) {
    /** @type {Record<'moments' | 'stories', string> | null} */
    this.files = folder
      ? { moments: join(folder, `moments-${name}.ndjson`), stories: join(folder, `stories-${name}.ndjson`) }
      : null
    /** @type {Moment | null} */
    this.moment = null
    /** @type {Record<'moments' | 'stories', string[]>} */
    this.waiting = { moments: [], stories: [] }
    if (!folder) return
    mkdirSync(folder, { recursive: true })
    setInterval(() => this.write(), WRITE_MS).unref()
    process.once('exit', () => this.write())
  }

  /** The second that goes on now. */
  now() {
    const second = Math.floor(Date.now() / 1000)
    if (this.moment?.second !== second) {
      this.close()
      this.moment = emptyMoment(second)
    }
    return /** @type {Moment} */ (this.moment)
  }

  /** @param {string} name */
  count(name) {
    addOne(this.now().counts, name)
  }

  /** @param {string} reason */
  blame(reason) {
    addOne(this.now().reasons, reason)
  }

  /** @param {string} name @param {number} milliseconds */
  time(name, milliseconds) {
    const buckets = (this.now().latency_us[name] ??= {})
    addOne(buckets, bucketOf(milliseconds * 1000))
  }

  /** @param {object} story */
  tell(story) {
    if (this.files) this.waiting.stories.push(JSON.stringify(story))
  }

  close() {
    if (this.moment && this.files) this.waiting.moments.push(JSON.stringify(this.moment))
    this.moment = null
  }

  /** Write all that was noted. A second that goes on begins another line: readers add up lines of the same second. */
  write() {
    if (!this.files) return
    this.close()
    for (const kind of /** @type {const} */ (['moments', 'stories'])) {
      const lines = this.waiting[kind].splice(0)
      if (lines.length > 0) appendFileSync(this.files[kind], `${lines.join('\n')}\n`)
    }
  }
}
