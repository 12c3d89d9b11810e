import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'
import { OpenFeature, type JsonValue } from '@openfeature/web-sdk'
import { PhasegateWebProvider } from '../../packages/openfeature-web/src/index.ts'
import type { Details, Question, Setting } from './questions.ts'

/** What is called in a page of another site: the SDK for browsers with the official provider, or with our own. */
Object.assign(globalThis, {
  conformance: {
    async start(isOurs: boolean, { url, key, isCached = false }: Setting, isAwaited: boolean) {
      const provider = isOurs
        ? new PhasegateWebProvider({ url, ...(key !== null && { key }) })
        : new OFREPWebProvider({ baseUrl: url, cacheMode: isCached ? 'local-cache-first' : 'disabled' })
      const isReady = OpenFeature.setProviderAndWait(provider, {}).catch(() => {})
      if (isAwaited) await isReady
    },
    async ask({ type, key, fallback, context = {} }: Question): Promise<Details> {
      const given = structuredClone(context)
      await OpenFeature.setContext(given as never)
      const client = OpenFeature.getClient()
      const hooks: string[] = []
      const hook = (which: string) => ({
        before: () => void hooks.push(`before ${which}`),
        after: () => void hooks.push(`after ${which}`),
        error: () => void hooks.push(`error ${which}`),
        finally: () => void hooks.push(`finally ${which}`),
      })
      const options = { hooks: [hook('1'), hook('2')] }
      const details =
        type === 'boolean'
          ? client.getBooleanDetails(key, fallback as boolean, options)
          : type === 'string'
            ? client.getStringDetails(key, fallback as string, options)
            : type === 'number'
              ? client.getNumberDetails(key, fallback as number, options)
              : client.getObjectDetails(key, fallback as JsonValue, options)
      return { ...details, hooks, isContextUntouched: JSON.stringify(given) === JSON.stringify(context) } as Details
    },
    status: () => OpenFeature.getClient().providerStatus,
  },
})
