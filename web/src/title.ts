/** What the browser's tab says. */

import { toValue, watchEffect, type MaybeRefOrGetter } from 'vue'

/** Name the tab after this view, for as long as the title is known. */
export function useTitle(title: MaybeRefOrGetter<string | undefined>): void {
  watchEffect(() => {
    const named = toValue(title)
    document.title = named === undefined ? 'Boxoffice' : `${named} · Boxoffice`
  })
}
