import { defineConfig } from '@playwright/test'
import stories from './playwright.config.ts'

/** What is not judged but looked at: `make screenshots`. */
export default defineConfig(stories, { testMatch: '**/*.pictures.ts', timeout: 180_000 })
