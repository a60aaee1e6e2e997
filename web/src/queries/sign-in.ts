import { useMutation } from '@tanstack/vue-query'
import { signIn } from '@/admin'
import { listTicketTypes } from '@/api'
import { dataOf } from '@/ask'
import { Failure } from '@/failure'

/** What a header can carry; anything else is no token of any service. */
const SENDABLE = /^[\x21-\x7e]+$/

/** Signing in: the service is asked something with the token, and the token is kept when it answers. */
export function useSignIn() {
  return useMutation({
    mutationFn: async (candidate: string) => {
      if (!SENDABLE.test(candidate)) throw new Failure('missing', 'A token has no spaces and no such characters.')
      await dataOf(listTicketTypes({ auth: () => candidate }))
      return candidate
    },
    onSuccess: signIn,
  })
}
