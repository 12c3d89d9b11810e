import type { Problem } from '../problem.ts'
import { assetPath } from './assets.ts'
import { serviceNavigation, skipLink } from './components/navigation.ts'
import { phaseBanner, problemSummary } from './components/notices.ts'
import { attributes, classes, type Content, type Html, html, isNothing } from './html.ts'
import { mark, wordmark } from './marks.ts'

export interface DocumentOptions {
  title: string
  lang?: string | undefined
  bodyClass: string
  head?: Content
  /** What stands before the main part, inside <header>. */
  top: Content
  main: Content
  footer: Content
  /** Where the page hears that something changed (server-sent events). */
  live?: string | undefined
  /** Before /assets, where the page is not served at the root of its host. */
  base?: string | undefined
  /** The path of this page that may stay in the address bar, where the real one holds a secret. */
  stripUrl?: string | undefined
}

export const document = (options: DocumentOptions): Html => {
  const asset = (name: string): string => assetPath(name, options.base)
  const body = attributes({
    class: `govuk-template__body ${options.bodyClass}`,
    'data-live': options.live,
    'data-strip-url': options.stripUrl,
  })
  return html`<!DOCTYPE html>
<html lang="${options.lang ?? 'en'}" class="govuk-template">
<head>
<meta charset="utf-8">
<title>${options.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${asset('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${asset('govuk-frontend.min.css')}">
<link rel="stylesheet" href="${asset('tokens.css')}">
<link rel="stylesheet" href="${asset('phasegate.css')}">
<script type="module" src="${asset('phasegate.js')}"></script>
${options.head}</head>
<body${body}>
${skipLink({ href: '#main', text: 'Skip to main content' })}
<header class="pg-top">${options.top}</header>
<div class="govuk-width-container"><main class="govuk-main-wrapper pg-main" id="main">
${options.main}
</main></div>
<footer class="pg-foot"><div class="govuk-width-container pg-foot__in">${options.footer}</div></footer>
<div class="govuk-visually-hidden" id="pg-announce" role="status" aria-live="polite"></div>
</body>
</html>
`
}

const titleOf = (parts: readonly (string | undefined)[], problems: readonly Problem[] | undefined): string =>
  (problems && problems.length > 0 ? 'Error: ' : '') + parts.filter((part) => part).join(' – ')

export interface FooterLink {
  text: string
  href: string
}

const footerLinks = (links: readonly FooterLink[] | undefined): Html | false =>
  links !== undefined &&
  links.length > 0 &&
  html`<ul class="pg-foot__links">
    ${links.map(({ text, href }) => html`<li><a class="govuk-link" href="${href}">${text}</a></li>`)}
  </ul>`

export interface PublicPageOptions {
  /** The words of the h1, for the title bar. */
  title: string
  serviceName: string
  /** At the foot, where the name above is an act and no name. */
  footerName?: string | undefined
  serviceUrl?: string | null | undefined
  /** The team or organisation behind the service. */
  owner?: string | undefined
  phaseLabel?: string | null | undefined
  /** Beside the phase; without it a sentence about new services. */
  phaseText?: Content
  /** Before every link of ours: '/.phasegate' on the service's own host, '' on this one. */
  base: string
  problems?: readonly Problem[] | undefined
  lang?: string | undefined
  footer?: readonly FooterLink[] | undefined
  exampleData?: boolean | undefined
  stripUrl?: string | undefined
}

/** For everybody: larger, one column, few words. The content begins with its h1. */
export const publicPage = (options: PublicPageOptions, content: Content): Html => {
  const sign = options.serviceName === 'Phasegate' && wordmark()
  const name = options.serviceUrl
    ? html`<a class="pg-owner" href="${options.serviceUrl}">${sign}${options.serviceName}</a>`
    : html`<span class="pg-owner">${sign}${options.serviceName}</span>`
  const owner = options.owner && html`<span class="pg-bar__service">${options.owner}</span>`
  const bar = html`<div class="pg-bar"><div class="govuk-width-container pg-bar__in">${name}${owner}</div></div>`
  const banner =
    options.phaseLabel &&
    phaseBanner({
      tag: options.phaseLabel,
      text: isNothing(options.phaseText)
        ? 'This is a new service. Your views help to make it better.'
        : options.phaseText,
    })
  return document({
    title: titleOf([options.title, options.serviceName], options.problems),
    lang: options.lang,
    bodyClass: 'pg-public',
    base: options.base,
    stripUrl: options.stripUrl,
    top: html`${bar}${banner}`,
    main: html`<div class="pg-column">${problemSummary(options.problems, content)}${content}</div>`,
    footer: html`<p class="pg-meta">${options.exampleData && 'Example data. '}${options.footerName ?? options.serviceName}</p>
      ${footerLinks(options.footer)}`,
  })
}

export interface TeamNavigationItem {
  text: string
  href: string
  active: boolean
}

export interface TeamPageOptions {
  /** The h1. */
  title: string
  /** Whose page it is, within the service, where the h1 does not say so: for the title bar. */
  about?: string | undefined
  /** A line above the h1; may hold a link. */
  eyebrow?: Content
  /** A sentence below the h1 that says the state of things. */
  lede?: Content
  /** Facts or actions to the right of the h1. */
  aside?: Content
  top: {
    service?: { name: string; href: string } | undefined
    account?: { name: string; role: string; href: string } | undefined
    halt?: Html | undefined
  }
  navigation: readonly TeamNavigationItem[]
  problems?: readonly Problem[] | undefined
  /** Says on the page that its data is an example's. */
  exampleData?: boolean | undefined
  live?: string | undefined
  /** What stands left in the footer: "Figures as of …". */
  footnote?: Content
  footer?: readonly FooterLink[] | undefined
  head?: Content
  /** Small heads and the navigation in one line, for a page that fits the screen of a phone. */
  isCompact?: boolean | undefined
}

/** For the team: denser, the halt always in reach. The h1 is the title; the content begins with what comes after. */
export const teamPage = (options: TeamPageOptions, content: Content): Html => {
  const { service, account, halt } = options.top
  const serviceLink = service && html`<a class="pg-bar__service" href="${service.href}">${service.name}</a>`
  const example =
    options.exampleData &&
    html`<span class="pg-example">${mark('example')}<span>Example<span class="pg-example__more"> data</span></span></span>`
  const who =
    account &&
    html`<a class="pg-bar__who" href="${account.href}"
      >${account.name}<span class="pg-bar__role">, ${account.role}</span></a
    >`
  const bar = html`<div class="pg-bar">
    <div class="govuk-width-container pg-bar__in">
      <a class="pg-wordmark" href="/">${wordmark()}<span>Phasegate</span></a
      ><span class="pg-bar__mid">${serviceLink}${example}</span>${who}${halt}
    </div>
  </div>`
  const navigation =
    options.navigation.length > 0 &&
    serviceNavigation({
      navigation: options.navigation.map(({ text, href, active }) => ({ text, href, active })),
      navigationLabel: service ? 'Service' : 'Phasegate',
      collapseNavigationOnMobile: false,
    })
  const eyebrow = !isNothing(options.eyebrow) && html`<p class="pg-eyebrow">${options.eyebrow}</p>`
  const lede = !isNothing(options.lede) && html`<p class="pg-lede">${options.lede}</p>`
  const aside = !isNothing(options.aside) && html`<div class="pg-title__aside">${options.aside}</div>`
  return document({
    title: titleOf(
      [options.title, options.about, options.title === service?.name ? undefined : service?.name, 'Phasegate'],
      options.problems,
    ),
    bodyClass: classes('pg-work', options.isCompact && 'pg-compact'),
    live: options.live,
    head: options.head,
    top: html`${bar}${navigation}`,
    main: html`${problemSummary(options.problems, content)}
      <div class="pg-title">
        <div class="pg-title__words">
          ${eyebrow}
          <h1 class="govuk-heading-xl">${options.title}</h1>
          ${lede}
        </div>
        ${aside}
      </div>
      ${content}`,
    footer: html`<p class="pg-meta">
        ${options.footnote ?? 'Every figure carries its definition, period, number of people and interval.'}
      </p>
      ${footerLinks(options.footer ?? [{ text: 'API', href: '/api/v1/openapi.json' }])}`,
  })
}
