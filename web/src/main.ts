import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from '@/App.vue'
import { prepareClient } from '@/ask'
import { failureOf } from '@/failure'
import { router } from '@/router'
import { showTheme } from '@/theme'

const RETRIES_MAX = 2

showTheme()
prepareClient()

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A machine without a network still reaches a service of its own.
      networkMode: 'always',
      retry: (count, error) => count < RETRIES_MAX && failureOf(error).passing,
      staleTime: 1_000,
    },
    mutations: { networkMode: 'always' },
  },
})

createApp(App).use(router).use(VueQueryPlugin, { queryClient: queries }).mount('#page')
