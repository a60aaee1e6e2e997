/**
 * What was heard, second by second, and how each buyer's story ended, as lines of JSON in a folder.
 *
 * Each of Artillery's threads writes two files of its own and only ever appends to them, a few times a second, so that
 * one second may have several lines; readers add them up. Without a folder, none is kept.
 */

import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bucketOf } from './buckets.js'

/** Artillery ends its threads without asking each: what was noted longer ago than this is written. */
const WRITE_MS = 250

/**
 * @typedef {object} Moment one second: what was counted, latencies by bucket, and the reasons of what was at fault
 * @property {number} second
 * @property {Record<string, number>} counts
 * @property {Record<string, Record<string, number>>} latency_us
 * @property {Record<string, number>} reasons
 */

/** @param {number} second @returns {Moment} */
function emptyMoment(second) {
  return { second, counts: {}, latency_us: {}, reasons: {} }
}

/** @param {Record<string, number>} counts @param {string | number} name */
function addOne(counts, name) {
  counts[name] = (counts[name] ?? 0) + 1
}

/** What one thread has noted. */
export class Ledger {
  /**
   * @param {string | undefined} folder
   * @param {string} name of this thread among all that write there
   * @param {() => number} clock the second that it is
   */
  constructor(folder, name, clock = () => Math.floor(Date.now() / 1000)) {
    this.clock = clock
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
    const second = this.clock()
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

  /** Write what waits, and what the second that goes on has brought until now. */
  write() {
    if (!this.files) return
    this.close()
    for (const kind of /** @type {const} */ (['moments', 'stories'])) {
      const lines = this.waiting[kind].splice(0)
      if (lines.length > 0) appendFileSync(this.files[kind], `${lines.join('\n')}\n`)
    }
  }
}
