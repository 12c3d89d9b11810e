import { fileURLToPath } from 'node:url'
import { OFREPProvider } from '@openfeature/ofrep-provider'
import { OpenFeature } from '@openfeature/server-sdk'
import { build } from 'esbuild'
import type { BrowserContext } from 'playwright-core'

export interface Evaluation {
  value: boolean
  variant?: string
  reason?: string
  errorCode?: string
}

/** The official client for servers. */
export async function evaluateOnServer(baseUrl: string, key: string, targetingKey: string): Promise<Evaluation> {
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl }))
  const details = await OpenFeature.getClient().getBooleanDetails(key, false, { targetingKey })
  await OpenFeature.clearProviders()
  return { value: details.value, variant: details.variant, reason: details.reason, errorCode: details.errorCode }
}

/** The official client for browsers, in Chromium, on a page of the service's own host. */
export async function evaluateInBrowser(
  context: BrowserContext,
  page: string,
  baseUrl: string,
  key: string,
  targetingKey: string,
): Promise<Evaluation> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('openfeature-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
  })
  const tab = await context.newPage()
  try {
    await tab.goto(page)
    await tab.evaluate(outputFiles[0]?.text ?? '')
    const call = `evaluateInPage(${[baseUrl, key, targetingKey].map((part) => JSON.stringify(part)).join(', ')})`
    return (await tab.evaluate(call)) as Evaluation
  } finally {
    await tab.close()
  }
}
