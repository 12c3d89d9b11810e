import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { isComplete, lookUp, readMonths } from '../rules.ts'
import type { Answers } from '../rules.ts'
import type { Reply, Site, Visit } from '../web.ts'
import * as pages from './pages.ts'

const css = readFileSync(new URL('style.css', import.meta.url), 'utf8')
const slowEvery = 12
const slowMs = 900

/** The version of 2009: it asks for the address last, so people learn at the end that they can't have a permit. */
export function currentSite({ failEvery }: { failEvery: number }): Site {
  let sent = 0
  let tariffs = 0
  return {
    cookie: 'RPPFORM',
    headers: { 'x-powered-by': 'FormBuilder/2.4' },
    async answer(visit) {
      const what = `${visit.method} ${visit.path}`
      if (what === 'GET /rpp/Tariff.do' && ++tariffs % slowEvery === 0) await wait(slowMs)
      if (what === 'POST /rpp/Verify.do' && isComplete(visit.answers))
        return send(failEvery > 0 && ++sent % failEvery === 0)
      return answer(what, visit)
    },
  }
}

function answer(what: string, visit: Visit): Reply {
  const { answers, form } = visit
  switch (what) {
    case 'GET /rpp/style.css':
      return { kind: 'style', css }
    case 'GET /rpp/Welcome.do':
      return page(pages.welcome())
    case 'GET /rpp/Conditions.do':
      return page(pages.conditions())
    case 'POST /rpp/Conditions.do':
      return form.get('accept') ? go('Vehicle') : page(pages.conditions('Tick the box to accept the conditions'), 422)
    case 'GET /rpp/Vehicle.do':
      return page(pages.vehicle(answers.registration ?? ''))
    case 'POST /rpp/Vehicle.do':
      return takeVehicle(visit)
    case 'GET /rpp/Tariff.do':
      return answers.registration ? page(pages.tariff(answers.months ?? null)) : go('Welcome')
    case 'POST /rpp/Tariff.do':
      return takeTariff(visit)
    case 'GET /rpp/Abode.do':
      return answers.months ? page(pages.abode(answers.postcode ?? '')) : go('Welcome')
    case 'POST /rpp/Abode.do':
      return takeAbode(visit)
    case 'GET /rpp/Verify.do':
      return isComplete(answers) ? page(pages.verify(answers)) : go('Welcome')
    case 'GET /rpp/Receipt.do':
      return answers.reference ? page(pages.receipt(answers.reference)) : go('Welcome')
    case 'GET /rpp/Declined.do':
      return page(pages.declined())
    case 'GET /rpp/Fault.do':
      return page(pages.fault())
    default:
      // As many systems of its age it knows no "page not found": whatever it doesn't know begins again.
      return go('Welcome')
  }
}

function takeVehicle({ form, answers }: Visit): Reply {
  const registration = form.get('vrm') ?? ''
  if (!/^[A-Z0-9]{2,8}$/.test(registration)) {
    return page(pages.vehicle(registration, 'Enter the VRM in capital letters and without spaces, as in AB12CDE'), 422)
  }
  return go('Tariff', { ...answers, registration })
}

function takeTariff({ form, answers }: Visit): Reply {
  const chosen = readMonths(form.get('tariff'))
  if (!chosen) return page(pages.tariff(null, 'Select a tariff code'), 422)
  return go('Abode', { ...answers, months: chosen })
}

function takeAbode({ form, answers }: Visit): Reply {
  const typed = form.get('postcode') ?? ''
  const found = lookUp(typed)
  switch (found.kind) {
    case 'not-a-postcode':
      return page(pages.abode(typed, 'Enter the postcode of the abode, as in ZX1 4TB'), 422)
    case 'register-fails':
      return go('Fault')
    case 'outside':
      return go('Declined')
    case 'in-zone':
      return go('Verify', { ...answers, postcode: found.postcode })
  }
}

function send(fails: boolean): Reply {
  return fails ? go('Fault') : go('Receipt', { reference: `RP-${randomBytes(3).toString('hex').toUpperCase()}` })
}

function page(html: string, status = 200): Reply {
  return { kind: 'page', status, html }
}

function go(name: string, answers?: Answers): Reply {
  return { kind: 'redirect', to: `/rpp/${name}.do`, answers }
}
