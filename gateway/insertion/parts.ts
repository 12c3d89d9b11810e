import { lowestCeiling, reaches } from '../../packages/admission/src/index.ts'
import { insertedForm } from '../../packages/widget/index.ts'
import type { Answered } from '../answered.ts'
import type { Hit } from '../measuring/journeys.ts'
import { escapeHtml } from '../pages.ts'

/** What goes into a page: at its top, and at its end. */
export interface PageParts {
  top: string
  bottom: string
  hasBanner: boolean
  hasFeedbackLink: boolean
  hasQuestion: boolean
}

/** Plain HTML in ASCII: it reads well without our style sheet and in every charset that agrees with ASCII. */
export function partsFor(answer: Answered, ending: Hit | null, policy: string): PageParts {
  const { visit, served } = answer
  const { insert } = visit.site.config
  const question = insert.endQuestion && ending !== null ? theQuestion(ending) : ''
  const banner = insert.banner ? (served === 'new' ? bannerOfNew(answer) : bannerOfCurrent(answer)) : ''
  const isLinkInBanner = banner !== '' && served === 'new' && insert.feedbackLink
  const link = insert.feedbackLink && !isLinkInBanner && question === '' ? `<p>${feedbackLink(answer)}</p>` : ''
  const isShown = banner !== '' || question !== '' || link !== ''
  if (!isShown) return { top: '', bottom: '', hasBanner: false, hasFeedbackLink: false, hasQuestion: false }

  const styles = allows(policy, 'style-src') ? styleSheets(question !== '') : ''
  const hasFeedback = isLinkInBanner || link !== '' || question !== ''
  const script =
    hasFeedback && allows(policy, 'script-src') ? '<script src="/.phasegate/widget.js" defer></script>' : ''
  return {
    top: ascii(banner === '' ? '' : styles + banner),
    bottom: ascii(
      (banner === '' ? styles : '') +
        (link === '' ? '' : `<aside class="phasegate-banner" aria-label="Feedback">${link}</aside>`) +
        question +
        script,
    ),
    hasBanner: banner !== '' && served === 'new',
    hasFeedbackLink: hasFeedback,
    hasQuestion: question !== '',
  }
}

function styleSheets(hasQuestion: boolean): string {
  const own = '<link rel="stylesheet" href="/.phasegate/inserted.css">'
  return hasQuestion ? `${own}<link rel="stylesheet" href="/.phasegate/widget.css">` : own
}

/** Row 264: the phase label, on every page of the new service, from the phase that the service is in. */
function bannerOfNew(answer: Answered): string {
  const { service, site, ceiling } = answer.visit
  const label = service?.phaseLabel ?? null
  if (label === null || label === '') return ''
  const { feedbackLink: hasLink } = site.config.insert
  const words = hasLink
    ? `This is a new service. ${feedbackLink(answer, 'Your feedback')} will help us to improve it.`
    : 'This is a new service. Your feedback will help us to improve it.'
  const back =
    site.current === null || ceiling === 'everyone'
      ? ''
      : button(answer, 'choice', 'current', 'Use the current service instead')
  return `<section class="phasegate-banner" data-phasegate-banner aria-label="Phase of this service">
<p><strong class="phasegate-label">${escapeHtml(label)}</strong> <span>${words}</span></p> ${back}</section>`
}

/** Row 176: the call to action beside the split; and the way back for those who chose the current service. */
function bannerOfCurrent(answer: Answered): string {
  const { visit } = answer
  const { person, ceiling, joinOpen, halt } = visit
  if (halt !== null) return ''
  const isBack = person.pass?.arm === 'new' && person.choice === 'current'
  const mayJoin = ceiling !== null && joinOpen && reaches(ceiling, lowestCeiling.join)
  if (!isBack && !mayJoin) return ''
  const act = isBack
    ? button(answer, 'choice', 'new', 'Use the new service instead')
    : button(answer, 'join', null, 'Try the new service')
  const words = isBack ? 'You are using the current service.' : 'There is a new version of this service.'
  return `<section class="phasegate-banner" aria-label="New service"><p>${words}</p> ${act}</section>`
}

function button({ incoming }: Answered, act: string, arm: string | null, text: string): string {
  const { method, target } = incoming
  // After a POST there is no page to come back to by its address.
  const back = method === 'GET' && target.url.length < 2000 ? target.url : '/'
  const value = arm === null ? '' : ` name="arm" value="${arm}"`
  return `<form method="post" action="/.phasegate/${act}"><input type="hidden" name="return" value="${escapeHtml(back)}"><button${value}>${text}</button></form>`
}

function feedbackLink({ visit }: Answered, text = 'Give feedback on this service'): string {
  const [journey] = visit.service?.journeys ?? []
  const query = journey === undefined ? '' : `?journey=${encodeURIComponent(journey.id)}`
  return `<a href="/.phasegate/feedback${query}">${text}</a>`
}

function theQuestion({ journey, place }: Hit): string {
  const ending = place.kind === 'ending' ? place.id : ''
  return `<div class="phasegate-question">${insertedForm({ action: '/.phasegate/feedback', journey: journey.id, ending })}</div>`
}

function ascii(html: string): string {
  return html.replace(/\P{ASCII}/gu, (letter) => `&#${letter.codePointAt(0)};`)
}

/** GW-32: would the page's own policy let the browser load this from the page's own host? Otherwise it is left out. */
function allows(policy: string, directive: 'style-src' | 'script-src'): boolean {
  return policy.split(',').every((each) => {
    const sources = new Map<string, string[]>()
    for (const part of each.split(';')) {
      const [name, ...values] = part.trim().toLowerCase().split(/\s+/)
      if (name !== undefined && name !== '' && !sources.has(name)) sources.set(name, values)
    }
    const values = sources.get(`${directive}-elem`) ?? sources.get(directive) ?? sources.get('default-src')
    if (values === undefined) return true
    if (directive === 'script-src' && values.includes("'strict-dynamic'")) return false
    return values.some((value) => value === "'self'" || value === '*' || value === 'http:' || value === 'https:')
  })
}
