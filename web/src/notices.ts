/** Short messages that need no answer: shown for a while and read out by screen readers. */

import { ref } from 'vue'

export interface Notice {
  readonly id: number
  readonly text: string
}

const SHOWN_MS = 6_000

export const notices = ref<Notice[]>([])
/** What is read out but not shown. */
export const announced = ref('')

let last = 0

/** Show a message for a while, and have it read out. */
export function notify(text: string): void {
  const notice = { id: ++last, text }
  notices.value = [...notices.value, notice]
  setTimeout(() => dismiss(notice.id), SHOWN_MS)
}

/** Take a message away. */
export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}

/** Have something read out that is already to be seen. */
export function announce(text: string): void {
  announced.value = text
}
