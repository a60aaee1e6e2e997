import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { granted, signedIn } from '@/admin'
import { createTicketType, listTicketTypes } from '@/api'

const KEY = ['admin', 'ticket-types']

/** All ticket types; events choose from them. */
export function useTicketTypes() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => granted((auth) => listTicketTypes({ auth, signal })),
    enabled: signedIn,
  })
}

/** Making a ticket type. Not repeatable: each makes another. */
export function useNewTicketType() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => granted((auth) => createTicketType({ body: { name }, auth })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  })
}
