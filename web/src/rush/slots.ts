/**
 * So many requests at once and no more. Those who hold tickets go before those who want some: their clock is running.
 */
export class Slots {
  #free: number
  readonly #urgent: (() => void)[] = []
  readonly #patient: (() => void)[] = []

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /** Wait for a slot; each that was taken is given back once. */
  take(urgent: boolean): Promise<void> {
    if (this.#free > 0) {
      this.#free--
      return Promise.resolve()
    }
    return new Promise((resolve) => (urgent ? this.#urgent : this.#patient).push(resolve))
  }

  /** Give a slot back; whoever waits has it at once. */
  give(): void {
    const next = this.#urgent.shift() ?? this.#patient.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
