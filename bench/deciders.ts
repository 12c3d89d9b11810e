import { createRequire } from 'node:module'
import {
  compile,
  decide,
  decideAll,
  packUnits,
  type FeatureSnapshot,
  type ServiceSnapshot,
  type Snapshot,
} from '../packages/admission/src/index.ts'

/** Who is asked about: a person in a country. */
export interface Person {
  unit: string
  country: string
}

/** One flag: on for those who are listed, for those in the countries, and for a quarter of all others, who keep it. */
export interface Flag {
  key: string
  listed: readonly string[]
  countries: readonly string[]
  percent: number
}

/** What decides, in its own form, so that what is measured is a decision and not how it was asked for. */
export interface Decider {
  /** Is the flag on, with what the library says of why. */
  one(key: string, person: number): boolean
  /** How many of all flags are on. */
  all(person: number): number
}

export const deciders: Record<string, (flags: readonly Flag[], people: readonly Person[]) => Promise<Decider>> = {
  phasegate,
  'flagd-core': flagdCore,
  GrowthBook: growthBook,
  'unleash-client': unleashClient,
}

const require = createRequire(import.meta.url)

async function phasegate(flags: readonly Flag[], people: readonly Person[]): Promise<Decider> {
  const compiled = compile(snapshotOf(flags))
  const contexts = people.map(({ unit, country }) => ({ targetingKey: unit, country }))
  const nobody = {}
  const now = new Date()
  return {
    one(key, person) {
      const decision = decide(compiled, key, contexts[person] ?? nobody, now)
      return decision.kind === 'decided' && decision.rung !== 'halt' && decision.value === true
    },
    all(person) {
      let on = 0
      for (const { key, decision } of decideAll(compiled, contexts[person] ?? nobody, now)) {
        if (decision.kind === 'decided' && decision.value === true && key !== 'bench') on++
      }
      return on
    },
  }
}

/** A snapshot of the flags as features of one service, for whoever is in it or not, as the peers know none. */
export function snapshotOf(flags: readonly Flag[], cohort: readonly string[] | null = null): Snapshot {
  const ladder = {
    ceiling: 'open' as const,
    halt: null,
    salt: 'bench',
    rolloutVersion: 1,
    joinOpen: false,
    cap: { limit: null, full: false },
  }
  const nobody = { removed: [], choseCurrent: [], joined: [], preview: [], staff: [], invited: [], carried: [] }
  const service: ServiceSnapshot = {
    ...ladder,
    ...{ id: 's', key: 'bench', name: 'Bench', phase: 'public-beta', share: 0, units: nobody },
  }
  const features = flags.map(({ key, listed, countries, percent }): FeatureSnapshot => ({
    ...ladder,
    ...{ id: key, key, name: key, service: 'bench', kind: 'release', appliesTo: 'both', forClients: true },
    salt: key,
    share: percent * 1000,
    units: { ...nobody, invited: [...listed] },
    ...(cohort !== null && { cohorts: ['everybody'] }),
    rules:
      countries.length === 0
        ? []
        : [{ id: 'r', name: 'r', when: { kind: 'in', attribute: 'country', values: [...countries] }, share: 100_000 }],
    ...{ variants: { on: true, off: false }, on: 'on', off: 'off', requires: [] },
  }))
  const cohorts = cohort === null ? [] : [{ id: 'everybody', units: packUnits(cohort) }]
  return { schema: 1, version: 1, createdAt: '2026-01-01T00:00:00Z', services: [service], features, cohorts }
}

async function flagdCore(flags: readonly Flag[], people: readonly Person[]): Promise<Decider> {
  const { FlagdCore } = require('@openfeature/flagd-core') as {
    FlagdCore: new () => {
      setConfigurations(text: string): void
      resolveBooleanEvaluation(key: string, fallback: boolean, context: object): { value: boolean; reason?: string }
      resolveAll(context: object): { value: unknown; reason?: string }[]
    }
  }
  const core = new FlagdCore()
  const configuration = flags.map(({ key, listed, countries, percent }) => {
    const share = { fractional: [{ var: 'targetingKey' }, ['on', percent], ['off', 100 - percent]] }
    const byCountry = countries.length === 0 ? [] : [{ in: [{ var: 'country' }, countries] }, 'on']
    const targeting = {
      if: [{ in: [{ var: 'targetingKey' }, listed] }, 'on', ...byCountry, percent === 0 ? 'off' : share],
    }
    return [key, { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off', targeting }]
  })
  core.setConfigurations(JSON.stringify({ flags: Object.fromEntries(configuration) }))
  const contexts = people.map(({ unit, country }) => ({ targetingKey: unit, country }))
  return {
    one: (key, person) => core.resolveBooleanEvaluation(key, false, contexts[person] ?? {}).value,
    all: (person) => core.resolveAll(contexts[person] ?? {}).filter(({ value }) => value === true).length,
  }
}

async function growthBook(flags: readonly Flag[], people: readonly Person[]): Promise<Decider> {
  const { GrowthBookClient } = require('@growthbook/growthbook') as {
    GrowthBookClient: new () => {
      initSync(options: object): void
      evalFeature(key: string, person: object): { value: unknown; source: string; ruleId: string }
    }
  }
  const client = new GrowthBookClient()
  const features = flags.map(({ key, listed, countries, percent }) => [
    key,
    {
      defaultValue: false,
      rules: [
        { id: 'listed', condition: { id: { $in: listed } }, force: true },
        ...(countries.length === 0 ? [] : [{ id: 'country', condition: { country: { $in: countries } }, force: true }]),
        ...(percent === 0 ? [] : [{ id: 'share', force: true, coverage: percent / 100, hashAttribute: 'id' }]),
      ],
    },
  ])
  client.initSync({ payload: { features: Object.fromEntries(features) } })
  const contexts = people.map(({ unit, country }) => ({ attributes: { id: unit, country } }))
  const one = (key: string, person: number): boolean => client.evalFeature(key, contexts[person] ?? {}).value === true
  return { one, all: (person) => flags.filter(({ key }) => one(key, person)).length }
}

async function unleashClient(flags: readonly Flag[], people: readonly Person[]): Promise<Decider> {
  const { Unleash, InMemStorageProvider } = require('unleash-client') as {
    Unleash: new (options: object) => {
      isEnabled(key: string, context: object): boolean
      on(event: string, then: () => void): void
      once(event: string, then: () => void): void
    }
    InMemStorageProvider: new () => object
  }
  const data = flags.map(({ key, listed, countries, percent }) => ({
    name: key,
    type: 'release',
    enabled: true,
    stale: false,
    strategies: [
      { name: 'default', parameters: {}, constraints: [constraint('userId', listed)] },
      ...(countries.length === 0
        ? []
        : [{ name: 'default', parameters: {}, constraints: [constraint('country', countries)] }]),
      ...(percent === 0
        ? []
        : [
            {
              name: 'flexibleRollout',
              parameters: { rollout: String(percent), stickiness: 'userId', groupId: key },
              constraints: [],
            },
          ]),
    ],
  }))
  const unleash = new Unleash({
    ...{ appName: 'bench', url: 'http://127.0.0.1:9/', refreshInterval: 0, disableMetrics: true },
    ...{ skipInstanceCountWarning: true, bootstrap: { data }, storageProvider: new InMemStorageProvider() },
  })
  for (const event of ['error', 'warn']) unleash.on(event, () => {})
  await new Promise<void>((resolve) => unleash.once('ready', resolve))
  const contexts = people.map(({ unit, country }) => ({ userId: unit, properties: { country } }))
  const one = (key: string, person: number): boolean => unleash.isEnabled(key, contexts[person] ?? {})
  return { one, all: (person) => flags.filter(({ key }) => one(key, person)).length }
}

function constraint(contextName: string, values: readonly string[]): object {
  return { contextName, operator: 'IN', values, inverted: false, caseInsensitive: false }
}
