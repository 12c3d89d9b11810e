import { fileURLToPath } from 'node:url'
import { OFREPProvider } from '@openfeature/ofrep-provider'
import { OpenFeature, type JsonValue, type Provider } from '@openfeature/server-sdk'
import { build } from 'esbuild'
import type { BrowserContext, Page } from 'playwright-core'
import { PhasegateProvider } from '../../packages/openfeature-server/src/index.ts'
import type { Details, Question, Setting } from './questions.ts'

/** An SDK with a provider: official or our own, in Node or in a browser. */
export interface Asker {
  name: string
  isOurs: boolean
  isInBrowser: boolean
  /** Starts anew; resolves when the provider is ready, or has failed. With `isAwaited: false` at once. */
  start(setting: Setting, isAwaited?: boolean): Promise<void>
  ask(question: Pick<Question, 'type' | 'key' | 'fallback' | 'context'>): Promise<Details>
  status(): Promise<string>
  stop(): Promise<void>
}

export function nodeAsker(name: string, isOurs: boolean): Asker {
  const provider = ({ url, key, waitMs = 10_000 }: Setting): Provider =>
    isOurs ? new PhasegateProvider({ url, key: key ?? '', waitMs }) : new OFREPProvider({ baseUrl: url })
  let domain = ''
  let started = 0
  return {
    name,
    isOurs,
    isInBrowser: false,
    async start(setting, isAwaited = true) {
      domain = `conformance-${name}-${++started}`
      const isReady = OpenFeature.setProviderAndWait(domain, provider(setting)).catch(() => {})
      if (isAwaited) await isReady
    },
    async ask({ type, key, fallback, context = {} }) {
      const client = OpenFeature.getClient(domain)
      const given = structuredClone(context)
      const hooks: string[] = []
      const hook = (which: string) => ({
        before: () => void hooks.push(`before ${which}`),
        after: () => void hooks.push(`after ${which}`),
        error: () => void hooks.push(`error ${which}`),
        finally: () => void hooks.push(`finally ${which}`),
      })
      const options = { hooks: [hook('1'), hook('2')] }
      const details = await (type === 'boolean'
        ? client.getBooleanDetails(key, fallback as boolean, given as never, options)
        : type === 'string'
          ? client.getStringDetails(key, fallback as string, given as never, options)
          : type === 'number'
            ? client.getNumberDetails(key, fallback as number, given as never, options)
            : client.getObjectDetails(key, fallback as JsonValue, given as never, options))
      return { ...details, hooks, isContextUntouched: JSON.stringify(given) === JSON.stringify(context) } as Details
    },
    status: async () => OpenFeature.getClient(domain).providerStatus,
    stop: () => OpenFeature.clearProviders(),
  }
}

/** In a tab of its own, on a page of another site, as web pages are. */
export async function browserAsker(
  name: string,
  isOurs: boolean,
  context: BrowserContext,
  page: string,
): Promise<Asker> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    ...{ bundle: true, write: false, format: 'iife', platform: 'browser', target: 'es2022' },
  })
  let tab: Page | null = null
  const call = (what: string, ...given: unknown[]): Promise<unknown> => {
    if (tab === null) throw new Error('Start it first')
    return tab.evaluate(`conformance.${what}(${given.map((each) => JSON.stringify(each)).join(', ')})`)
  }
  return {
    name,
    isOurs,
    isInBrowser: true,
    async start(setting, isAwaited = true) {
      await tab?.close()
      tab = await context.newPage()
      await tab.goto(page)
      await tab.evaluate(outputFiles?.[0]?.text ?? '')
      await call('start', isOurs, setting, isAwaited)
    },
    ask: async (question) => (await call('ask', question)) as Details,
    status: async () => String(await call('status')),
    async stop() {
      await tab?.close()
      tab = null
    },
  }
}
