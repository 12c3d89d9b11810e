import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isComplete, lookUp, readMonths } from '../rules.ts'
import type { Answers } from '../rules.ts'
import type { Reply, Site, Visit } from '../web.ts'
import * as pages from './pages.ts'

const css = readFileSync(new URL('style.css', import.meta.url), 'utf8')
const base = '/parking-permit'

export function newSite(): Site {
  return {
    cookie: 'permit_answers',
    headers: {
      'content-security-policy': "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    },
    answer,
  }
}

function answer(visit: Visit): Reply {
  const { answers } = visit
  switch (`${visit.method} ${visit.path}`) {
    case 'GET /':
      return go('')
    case `GET ${base}/style.css`:
      return { kind: 'style', css }
    case `GET ${base}`:
      return page(pages.start())
    case `GET ${base}/address`:
      return page(pages.address(answers.postcode ?? ''))
    case `POST ${base}/address`:
      return takeAddress(visit)
    case `GET ${base}/vehicle`:
      return answers.postcode ? page(pages.vehicle(answers.registration ?? '')) : go('/address')
    case `POST ${base}/vehicle`:
      return takeVehicle(visit)
    case `GET ${base}/length`:
      return answers.registration ? page(pages.length(answers.months ?? null)) : go('/vehicle')
    case `POST ${base}/length`:
      return takeLength(visit)
    case `GET ${base}/check`:
      return isComplete(answers) ? page(pages.check(answers)) : go('/length')
    case `POST ${base}/check`:
      return isComplete(answers) ? send() : go('/length')
    case `GET ${base}/done`:
      return answers.reference ? page(pages.done(answers.reference)) : go('')
    case `GET ${base}/not-eligible`:
      return page(pages.notEligible())
    case `GET ${base}/problem`:
      return page(pages.problem())
    default:
      // Bookmarks of the old version lead to the start of this one.
      return visit.path.startsWith('/rpp/') && visit.method === 'GET' ? go('') : page(pages.notFound(), 404)
  }
}

function takeAddress({ form, answers }: Visit): Reply {
  const typed = form.get('postcode') ?? ''
  const found = lookUp(typed)
  switch (found.kind) {
    case 'not-a-postcode':
      return page(
        pages.address(typed, typed.trim() ? 'Enter a full postcode, like ZX1 4TB' : 'Enter your postcode'),
        422,
      )
    case 'register-fails':
      return go('/problem')
    case 'outside':
      return go('/not-eligible')
    case 'in-zone':
      return go(isComplete(answers) ? '/check' : '/vehicle', { ...answers, postcode: found.postcode })
  }
}

function takeVehicle({ form, answers }: Visit): Reply {
  const typed = form.get('registration') ?? ''
  const registration = typed.toUpperCase().replace(/[\s-]/g, '')
  if (!registration) return page(pages.vehicle(typed, 'Enter your registration number'), 422)
  if (!/^[A-Z0-9]{2,8}$/.test(registration)) {
    const problem = 'Registration number must be 2 to 8 letters and numbers, like AB12 CDE'
    return page(pages.vehicle(typed, problem), 422)
  }
  return go(isComplete(answers) ? '/check' : '/length', { ...answers, registration })
}

function takeLength({ form, answers }: Visit): Reply {
  const chosen = readMonths(form.get('months'))
  if (!chosen) return page(pages.length(null, 'Select how long you need the permit for'), 422)
  return go('/check', { ...answers, months: chosen })
}

function send(): Reply {
  return go('/done', { reference: `RP-${randomBytes(3).toString('hex').toUpperCase()}` })
}

function page(html: string, status = 200): Reply {
  return { kind: 'page', status, html }
}

function go(path: string, answers?: Answers): Reply {
  return { kind: 'redirect', to: base + path, answers }
}
