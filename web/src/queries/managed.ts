import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { granted, signedIn } from '@/admin'
import { addDates, changeEvent, createEvent, describeEvent } from '@/api'
import type { ChangeGiven, EventGiven, NewDates } from '@/api'

/** An event as it is sold, for those who may change it. */
export function useManagedEvent(eventId: number) {
  return useQuery({
    queryKey: keyOf(eventId),
    queryFn: ({ signal }) => granted((auth) => describeEvent({ path: { event_id: eventId }, auth, signal })),
    enabled: signedIn,
  })
}

/** Making an event. Not repeatable: each makes another. */
export function useNewEvent() {
  return useMutation({ mutationFn: (body: EventGiven) => granted((auth) => createEvent({ body, auth })) })
}

/** Changing an event and all of its dates, or none. */
export function useChange(eventId: number) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: ChangeGiven) => granted((auth) => changeEvent({ path: { event_id: eventId }, body, auth })),
    onSuccess: (changed) => {
      queries.setQueryData(keyOf(eventId), changed)
      void queries.invalidateQueries({ queryKey: ['dates'] })
    },
  })
}

/** Adding dates to an event, all of them or none. */
export function useAddDates(eventId: number) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: NewDates) => granted((auth) => addDates({ path: { event_id: eventId }, body, auth })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['dates'] }),
  })
}

function keyOf(eventId: number): readonly unknown[] {
  return ['admin', 'event', eventId]
}
