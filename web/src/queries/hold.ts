import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch } from 'vue'
import { holdTickets, type HoldMade } from '@/api'
import { dataOf } from '@/ask'
import { failureOf } from '@/failure'
import { keepOrder, keptOrder, newOrder, type Order, type Quantities } from '@/order'
import type { DateAddress } from '@/router'

/** Holding tickets of a date, with an order that survives a reload; see order.ts for its states. */
export function useHold(address: DateAddress, held: (made: HoldMade, order: Order) => void) {
  const queries = useQueryClient()
  const order = ref(keptOrder(address))
  watch(order, (now) => keepOrder(address, now))

  const hold = useMutation({
    mutationFn: (sent: Order) => dataOf(holdTickets(requestOf(address, sent))),
    onSuccess: (made, sent) => {
      order.value = null
      keepOrder(address, null)
      held(made, sent)
    },
    onError: (error) => {
      if (!isOpen(error)) order.value = null
    },
    // Not waited for: what became of the order is known, whatever the figures are.
    onSettled: () => void queries.invalidateQueries({ queryKey: ['date'] }),
  })

  function send(wanted: Order): void {
    if (hold.isPending.value) return
    order.value = wanted
    hold.mutate(wanted)
  }

  function forget(): void {
    order.value = null
    hold.reset()
  }

  return {
    busy: hold.isPending,
    error: hold.error,
    /** Sent before, and it is not known what became of it. */
    open: computed(() => (hold.isPending.value ? null : order.value)),
    send: (quantities: Quantities) => send(newOrder(quantities)),
    sendAgain: () => order.value !== null && send(order.value),
    forget,
  }
}

/** Whether the tickets may be held although the answer does not say so, or may be held when asked again. */
function isOpen(error: unknown): boolean {
  const failure = failureOf(error)
  return failure.passing || failure.kind === 'broken'
}

function requestOf({ eventId, date, startTime }: DateAddress, order: Order) {
  return {
    path: { event_id: eventId, date, start_time: startTime },
    headers: { 'Idempotency-Key': order.key },
    body: [...order.lines],
  }
}
