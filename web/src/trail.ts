/** Pages of a list that are known only by where the next one begins. The way back is kept in the browser's history. */

import { computed, type ComputedRef } from 'vue'
import { useRoute, type RouteLocationRaw } from 'vue-router'

export interface Trail {
  readonly cursor: ComputedRef<string | undefined>
  /** The number of this page, where it was come to page by page. */
  readonly number: ComputedRef<number | null>
  readonly previous: ComputedRef<RouteLocationRaw | null>
  nextAfter(cursor: string): RouteLocationRaw
}

/** The place in a list that the address's `cursor` names. */
export function useTrail(): Trail {
  const route = useRoute()
  const cursor = computed(() => (typeof route.query['cursor'] === 'string' ? route.query['cursor'] : undefined))
  const walked = computed(() => walkedOf(route.fullPath, cursor.value))

  function at(place: string, trail: string[]): RouteLocationRaw {
    return { query: { ...route.query, cursor: place === '' ? undefined : place }, state: { trail } }
  }

  return {
    cursor,
    number: computed(() => (walked.value === null ? null : walked.value.length + 1)),
    previous: computed(() => {
      if (cursor.value === undefined) return null
      return at(walked.value?.at(-1) ?? '', walked.value?.slice(0, -1) ?? [])
    }),
    nextAfter: (next) => at(next, [...(walked.value ?? []), cursor.value ?? '']),
  }
}

/** The pages before this one; null where this one was come to by its address alone. */
function walkedOf(_address: string, cursor: string | undefined): string[] | null {
  if (cursor === undefined) return []
  const trail: unknown = history.state?.trail
  return Array.isArray(trail) && trail.length > 0 ? (trail as string[]) : null
}
